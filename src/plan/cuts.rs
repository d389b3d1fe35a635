//! Which amounts to cut so that a sum fits: as few as possible, and of those as little as possible.

/// The fewest of some amounts that together make up at least `excess`, as positions in ascending order. `amounts`
/// must fall. Of several sets of that number, one in which no member could be exchanged for a smaller amount.
/// `None` where all of them are too little.
pub fn fewest(amounts: &[u64], excess: u64) -> Option<Vec<usize>> {
    let count = how_many(amounts.iter().copied(), excess)?;
    let mut chosen: Vec<usize> = (0..count).collect();
    let mut sum: u128 = amounts[..count]
        .iter()
        .map(|amount| u128::from(*amount))
        .sum();
    // From the last on: what the last one gives up is no longer there for those before it.
    for slot in (0..count).rev() {
        let own = u128::from(amounts[chosen[slot]]);
        let needed = u128::from(excess).saturating_sub(sum - own);
        let limit = chosen.get(slot + 1).copied().unwrap_or(amounts.len());
        let enough = amounts[..limit].partition_point(|amount| u128::from(*amount) >= needed);
        if let Some(smaller) = enough.checked_sub(1).filter(|at| *at > chosen[slot]) {
            sum = sum - own + u128::from(amounts[smaller]);
            chosen[slot] = smaller;
        }
    }
    Some(chosen)
}

/// How many of some amounts, from the first on, make up at least `excess`; `None` where all are too little.
pub fn how_many(amounts: impl Iterator<Item = u64>, excess: u64) -> Option<usize> {
    let mut rest = excess;
    let mut count = 0;
    for amount in amounts {
        if rest == 0 {
            break;
        }
        rest = rest.saturating_sub(amount);
        count += 1;
    }
    (rest == 0).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::fewest;
    use proptest::prelude::*;

    #[test]
    fn as_few_as_possible_are_cut_and_of_those_the_smallest() {
        for (amounts, excess, expected) in [
            (&[2048, 1024, 512, 128][..], 205, Some(vec![2])),
            (&[2048, 1024, 512, 128], 512, Some(vec![2])),
            (&[2048, 1024, 512, 128], 2049, Some(vec![0, 3])),
            (&[2048, 1024, 512, 128], 3712, Some(vec![0, 1, 2, 3])),
            (&[2048, 1024, 512, 128], 3713, None),
            (&[5, 5, 5], 6, Some(vec![1, 2])),
            (&[], 1, None),
        ] {
            assert_eq!(fewest(amounts, excess), expected, "{amounts:?} {excess}");
        }
    }

    proptest! {
        #[test]
        fn a_cut_is_enough_and_nothing_of_it_could_stay(
            mut amounts in prop::collection::vec(1..1000_u64, 0..20),
            excess in 1..6000_u64,
        ) {
            amounts.sort_unstable_by(|a, b| b.cmp(a));
            let Some(cut) = fewest(&amounts, excess) else {
                prop_assert!(amounts.iter().sum::<u64>() < excess);
                return Ok(());
            };
            let sum: u64 = cut.iter().map(|at| amounts[*at]).sum();
            prop_assert!(sum >= excess);
            prop_assert!(cut.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(cut.iter().all(|at| sum - amounts[*at] < excess));
            prop_assert!(amounts[..cut.len() - 1].iter().sum::<u64>() < excess);
        }
    }
}
