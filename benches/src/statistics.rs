//! From samples to figures.

/// The middle of some values, or the mean of the two in the middle; nothing of nothing.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(sorted.len() / 2 - 1)?;
    Some(f64::midpoint(lower, upper))
}

/// How far the values lie apart, as a share of their median.
pub(crate) fn spread(values: &[f64]) -> Option<f64> {
    let middle = median(values)?;
    let least = values.iter().copied().min_by(f64::total_cmp)?;
    let most = values.iter().copied().max_by(f64::total_cmp)?;
    (middle > 0.0).then(|| (most - least) / middle)
}

/// The median of the ratios within each round. A slow minute of the machine is in both halves of a
/// ratio, so that it counts for less than in a ratio of medians.
pub(crate) fn paired_ratio(values: &[f64], baseline: &[f64]) -> Option<f64> {
    let ratios: Vec<f64> = values
        .iter()
        .zip(baseline)
        .filter(|(_, base)| **base > 0.0)
        .map(|(value, base)| value / base)
        .collect();
    median(&ratios)
}

/// The value that `share` of the values do not exceed. The values must be sorted.
pub(crate) fn percentile(sorted: &[u64], share: f64) -> Option<u64> {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 100.0]), Some(3.0));
    }

    #[test]
    fn the_spread_is_a_share_of_the_median() {
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[5.0]), Some(0.0));
        assert_eq!(spread(&[80.0, 100.0, 130.0]), Some(0.5));
        assert_eq!(spread(&[0.0, 0.0]), None);
    }

    #[test]
    fn a_slow_round_does_not_move_the_ratio() {
        // Everything took three times as long in the second round.
        let ours = [90.0, 30.0, 90.0];
        let ceiling = [100.0, 33.3, 100.0];
        let ratio = paired_ratio(&ours, &ceiling).unwrap();
        assert!((ratio - 0.9).abs() < 0.01, "{ratio}");
        assert_eq!(paired_ratio(&[1.0], &[0.0]), None);
        assert_eq!(paired_ratio(&[], &[]), None);
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let hundred: Vec<u64> = (1..=100).collect();
        assert_eq!(percentile(&hundred, 0.5), Some(50));
        assert_eq!(percentile(&hundred, 0.99), Some(99));
        assert_eq!(percentile(&hundred, 1.0), Some(100));
        assert_eq!(percentile(&[7], 0.01), Some(7));
        assert_eq!(percentile(&[], 0.5), None);
    }
}
