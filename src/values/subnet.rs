//! A subnet, as Docker writes it: `172.20.0.0/16`, `fd00::/64`.

use std::net::IpAddr;

/// The addresses that share their first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subnet {
    base: IpAddr,
    /// How many bits are shared.
    bits: u32,
}

impl Subnet {
    /// The subnet of a text; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (base, bits) = text.split_once('/')?;
        let (base, bits) = (base.parse::<IpAddr>().ok()?, bits.parse().ok()?);
        (bits <= width(base)).then_some(Subnet { base, bits })
    }

    /// Whether an address lies in it.
    pub fn contains(self, address: IpAddr) -> bool {
        let rest = width(self.base) - self.bits;
        let shared = |address| number(address).checked_shr(rest).unwrap_or(0);
        self.is_like(address) && shared(self.base) == shared(address)
    }

    /// Whether an address is of the same family.
    pub fn is_like(self, address: IpAddr) -> bool {
        self.base.is_ipv4() == address.is_ipv4()
    }
}

fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_lies_in_a_subnet_or_not() {
        for (subnet, address, expected) in [
            ("172.20.0.0/16", "172.20.255.1", true),
            ("172.20.0.0/16", "172.21.0.1", false),
            ("172.20.0.1/16", "172.20.9.9", true),
            ("10.0.0.4/32", "10.0.0.4", true),
            ("10.0.0.4/32", "10.0.0.5", false),
            ("0.0.0.0/0", "9.9.9.9", true),
            ("fd00::/64", "fd00::10", true),
            ("fd00::/64", "fd00:0:0:1::10", false),
            ("::/0", "fd00::1", true),
            ("fd00::/64", "10.0.0.1", false),
        ] {
            let found = Subnet::parse(subnet).map(|it| it.contains(address.parse().unwrap()));
            assert_eq!(found, Some(expected), "{subnet} {address}");
        }
        for text in [
            "",
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0/8",
            "fd00::/129",
            "x/8",
        ] {
            assert_eq!(Subnet::parse(text), None, "{text}");
        }
    }
}
