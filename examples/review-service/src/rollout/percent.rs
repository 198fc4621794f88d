//! Parts of a hundred.

use std::fmt;

use serde::{Deserialize, Serialize};

/// From 0 to 100, with two decimals at most.
///
/// ```
/// use review_service::rollout::Percent;
/// let share = Percent::new(2.5).unwrap();
/// assert_eq!(share.to_string(), "2.5 %");
/// assert!(share.is_exceeded_by(26, 1000) && !share.is_exceeded_by(25, 1000));
/// assert!(Percent::new(101.0).is_err() && Percent::new(f64::NAN).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Percent {
    hundredths: u16,
}

/// What was given is no percentage.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{0} is no percentage: write a number from 0 to 100, with two decimals at most")]
pub struct InvalidPercent(f64);

impl Percent {
    /// Of a number.
    ///
    /// # Errors
    ///
    /// If it is not from 0 to 100, or finer than two decimals.
    pub fn new(percent: f64) -> Result<Self, InvalidPercent> {
        let hundredths = (percent * 100.0).round();
        let is_fine = (percent * 100.0 - hundredths).abs() < 1e-6;
        if !(0.0..=100.0).contains(&percent) || !is_fine {
            return Err(InvalidPercent(percent));
        }
        // From 0 to 10,000, as was just seen.
        let hundredths = hundredths as u16;
        Ok(Self { hundredths })
    }

    /// So many, but not more than all.
    #[must_use]
    pub fn of_whole(percent: u8) -> Self {
        let hundredths = u16::from(percent.min(100)) * 100;
        Self { hundredths }
    }

    /// So many of ten thousand.
    #[must_use]
    pub fn of_ten_thousand(self) -> u16 {
        self.hundredths
    }

    /// Whether a part of a whole is more than this.
    #[must_use]
    pub fn is_exceeded_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * 10_000 > u128::from(self.hundredths) * u128::from(whole)
    }

    /// So many times as much, but not more than all.
    #[must_use]
    pub fn times(self, factor: u16) -> Self {
        let hundredths = self.hundredths.saturating_mul(factor).min(10_000);
        Self { hundredths }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", f64::from(*self))
    }
}

impl TryFrom<f64> for Percent {
    type Error = InvalidPercent;

    fn try_from(percent: f64) -> Result<Self, InvalidPercent> {
        Self::new(percent)
    }
}

impl From<Percent> for f64 {
    fn from(percent: Percent) -> Self {
        Self::from(percent.hundredths) / 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_none_is_refused_and_every_other_comes_back() {
        for odd in [-0.01, 100.01, 0.001, f64::INFINITY, f64::NAN] {
            assert!(Percent::new(odd).is_err(), "{odd}");
        }
        for hundredths in 0..=10_000 {
            let percent = f64::from(hundredths) / 100.0;
            let read = Percent::new(percent).unwrap();
            assert_eq!(
                (read.of_ten_thousand(), f64::from(read)),
                (hundredths, percent)
            );
        }
        assert_eq!(
            Percent::new(60.0).unwrap().times(2),
            Percent::new(100.0).unwrap()
        );
    }
}
