//! Addresses of other services, where the catalog can make them itself: `http://api:8000` is `{{ url('api') }}`.

use super::scalars::below;
use super::service::first_port;
use super::value::{Map, Value};
use super::variables::Declarations;
use crate::place::Place;

/// Where addresses of others stand.
const TEXTS: &[&[&str]] = &[&["environment"], &["build", "args"]];

/// Writes addresses as the catalog makes them, where it makes the same. `is_there` says whether one service is wherever
/// another one is.
pub fn write(services: &mut Map, declared: &Declarations, is_there: &dyn Fn(&str, &str) -> bool) {
    let known = addresses(services, declared);
    for entry in &mut services.0 {
        let Value::Map(service) = &mut entry.value else {
            continue;
        };
        let peers = known.iter().filter(|(name, _)| is_there(&entry.key, name));
        let peers: Vec<&(String, String)> = peers.collect();
        for path in TEXTS {
            if let Some(value) = below(service, path) {
                value.each_text(Place::NOWHERE, &mut |text, _| {
                    for (name, address) in &peers {
                        replace(text, address, name);
                    }
                });
            }
        }
    }
}

/// Each service with its address.
fn addresses(services: &Map, declared: &Declarations) -> Vec<(String, String)> {
    let maps = services
        .0
        .iter()
        .filter_map(|entry| Some((&entry.key, entry.value.map()?)));
    let address = |(name, service): (&String, &Map)| {
        let port = first_port(service, declared)?;
        Some((name.clone(), format!("http://{name}:{port}")))
    };
    maps.filter_map(address).collect()
}

/// Replaces an address where nothing goes on behind it that would make it another one.
fn replace(text: &mut String, address: &str, name: &str) {
    let mut from = 0;
    while let Some(at) = text[from..].find(address) {
        let at = from + at;
        let end = at + address.len();
        let before = text[..at].chars().next_back();
        let after = text[end..].chars().next();
        let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if before.is_some_and(goes_on) || after.is_some_and(|c| c.is_ascii_digit()) {
            from = end;
            continue;
        }
        let written = format!("{{{{ url('{name}') }}}}");
        text.replace_range(at..end, &written);
        from = at + written.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_replaced_where_it_is_whole() {
        for (text, expected) in [
            ("http://api:80", "{{ url('api') }}"),
            (
                "http://api:80/v1,http://api:8080",
                "{{ url('api') }}/v1,http://api:8080",
            ),
            ("xhttp://api:80", "xhttp://api:80"),
        ] {
            let mut text = text.to_owned();
            replace(&mut text, "http://api:80", "api");
            assert_eq!(text, expected);
        }
    }
}
