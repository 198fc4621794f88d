//! Chance that comes out the same everywhere.

/// Draws numbers from a seed, by SplitMix64. Not that of `rand`, which may draw others in its next version: recorded
/// changes are to stay the same.
#[derive(Debug, Clone)]
pub(super) struct Draw(u64);

impl Draw {
    /// From a seed, and from what it is used for.
    pub(super) fn of(seed: u64, salt: u64) -> Self {
        let mut draw = Self(seed);
        draw.0 = draw.next() ^ salt;
        draw
    }

    /// The next number.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One below `end`; zero if there is none.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// From `least` to `most`, both included.
    pub(super) fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// One of these; the default of the type if there are none.
    pub(super) fn one<T: Clone + Default>(&mut self, these: &[T]) -> T {
        these
            .get(self.below(these.len()))
            .cloned()
            .unwrap_or_default()
    }

    /// Puts them into another order.
    pub(super) fn shuffle<T>(&mut self, these: &mut [T]) {
        for end in (1..these.len()).rev() {
            these.swap(end, self.below(end + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same() {
        let drawn = |seed, salt| {
            let mut draw = Draw::of(seed, salt);
            [draw.next(), draw.next()]
        };
        assert_eq!(drawn(1, 2), drawn(1, 2));
        assert_ne!(drawn(1, 2), drawn(2, 2));
        assert_ne!(drawn(1, 2), drawn(1, 3));
        // Fixed for ever: recorded changes hang on it.
        assert_eq!(Draw(0).next(), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn it_stays_within_bounds_and_loses_nothing() {
        let mut draw = Draw::of(7, 7);
        for _ in 0..1000 {
            assert!((3..=5).contains(&draw.between(3, 5)));
        }
        assert_eq!((draw.below(0), draw.below(1)), (0, 0));
        let mut cards: Vec<_> = (0..50).collect();
        draw.shuffle(&mut cards);
        assert!(!cards.is_sorted());
        cards.sort_unstable();
        assert_eq!(cards, (0..50).collect::<Vec<_>>());
    }
}
