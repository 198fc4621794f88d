//! How much of one sort is removed at a time.

use super::RetentionSort;

/// Rows of one sort that have ended: some, behind those that cannot be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion {
    /// Which sort.
    pub sort: RetentionSort,
    /// How many go at most, about.
    pub limit: u32,
    /// How many are stepped over: they ended first, and stay.
    pub skip: u32,
}
