//! Durations for people.

use std::fmt;
use std::time::{Duration, Instant};

/// An elapsed time, written as `4.2s`, `6m12s` or `1h02m03s`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span(pub(crate) Duration);

impl Span {
    pub(crate) fn since(start: Instant) -> Self {
        Self(start.elapsed())
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
            (0, 0, _) => write!(f, "{seconds}.{}s", self.0.subsec_millis() / 100),
            (0, m, s) => write!(f, "{m}m{s:02}s"),
            (h, m, s) => write!(f, "{h}h{m:02}m{s:02}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_naturally_at_every_size() {
        let written = |millis| Span(Duration::from_millis(millis)).to_string();
        assert_eq!(written(0), "0.0s");
        assert_eq!(written(4_270), "4.2s");
        assert_eq!(written(59_999), "59.9s");
        assert_eq!(written(60_000), "1m00s");
        assert_eq!(written(372_000), "6m12s");
        assert_eq!(written(3_723_000), "1h02m03s");
    }
}
