//! Moments, as operators write and read them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use queue_core::Timestamp;
use serde::{Serialize, Serializer};

use crate::answer::Failure;

/// A moment that was asked for: some time ago, or at a time in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before the database's now.
    Ago(Duration),
    At(Timestamp),
}

impl Moment {
    pub(crate) fn resolve(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(span) => now - span,
            Self::At(moment) => moment,
        }
    }
}

/// From when and until when, by the database's time. A range that nothing can lie in is a slip.
pub(crate) fn range(
    since: Option<Moment>,
    until: Option<Moment>,
    now: Timestamp,
) -> Result<(Option<Timestamp>, Option<Timestamp>), Failure> {
    let since = since.map(|moment| moment.resolve(now));
    let until = until.map(|moment| moment.resolve(now));
    match (since, until) {
        (Some(since), Some(until)) if since >= until => Err(Failure::usage(format!(
            "--since, {since}, is not before --until, {until}: nothing lies between them; give the earlier \
             one by --since"
        ))),
        range => Ok(range),
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(span) = humantime::parse_duration(text) {
            return Ok(Self::Ago(span));
        }
        absolute(text).map(Self::At).ok_or_else(|| {
            "write a span back from now, such as 2h or 3days, or a moment in UTC, such as \
             2026-11-20T10:00Z or 2026-11-20"
                .to_owned()
        })
    }
}

fn absolute(text: &str) -> Option<Timestamp> {
    let moment = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        // Without a zone it is UTC, as everything that is shown.
        let civil = text
            .parse::<DateTime>()
            .or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)));
        let zoned = civil.ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(zoned.timestamp())
    })?;
    Some(Timestamp::from_micros(moment.as_microsecond()))
}

/// A moment as it is shown: in JSON as RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Time {
    /// In whole seconds.
    pub(crate) fn in_seconds(self) -> String {
        let text = self.0.to_string();
        match text.split_once('.') {
            Some((seconds, _)) => format!("{seconds}Z"),
            None => text,
        }
    }

    /// `2h 5m ago`, or `in 2h 5m`.
    pub(crate) fn relative(self, now: Timestamp) -> String {
        if self.0 > now {
            format!("in {}", span(self.0.since(now)))
        } else {
            format!("{} ago", span(now.since(self.0)))
        }
    }
}

/// A span in its two largest units, as far as they matter.
pub(crate) fn span(span: Duration) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let seconds = span.as_secs();
    let Some(first) = UNITS.iter().position(|(length, _)| seconds >= *length) else {
        return if span.as_millis() == 0 {
            "0s".to_owned()
        } else {
            format!("{}ms", span.as_millis())
        };
    };
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (length, unit) in UNITS.iter().skip(first).take(2) {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            parts.push(format!("{count}{unit}"));
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> String {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        Time(text.parse::<Moment>().unwrap().resolve(now)).to_string()
    }

    #[test]
    fn moments_are_read_in_several_forms() {
        assert_eq!(at("2h"), "2027-01-15T06:00:00.000000Z");
        assert_eq!(at("1h 30m"), "2027-01-15T06:30:00.000000Z");
        assert_eq!(at("2026-11-20T10:00Z"), "2026-11-20T10:00:00.000000Z");
        assert_eq!(at("2026-11-20 10:00"), "2026-11-20T10:00:00.000000Z");
        assert_eq!(at("2026-11-20"), "2026-11-20T00:00:00.000000Z");
        assert_eq!(
            at("2026-11-20T10:00:03.5+01:00"),
            "2026-11-20T09:00:03.500000Z"
        );
        for text in ["", "yesterday-ish", "2026-13-01", "-2h", "10:00"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_range_begins_before_it_ends() {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let ago = |text: &str| Some(text.parse::<Moment>().unwrap());
        let (since, until) = range(ago("2h"), ago("1h"), now).unwrap();
        assert!(since < until);
        assert!(range(ago("2h"), None, now).is_ok());
        for (since, until) in [("1h", "2h"), ("1h", "1h"), ("1h", "2020-01-01")] {
            let refused = range(ago(since), ago(until), now).unwrap_err();
            assert!(refused.message.contains("by --since"), "{refused:?}");
        }
    }

    #[test]
    fn spans_have_two_units_at_most() {
        for (seconds, shown) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (3_725, "1h 2m"),
            (86_401, "1d"),
            (200_000, "2d 7h"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), shown);
        }
        assert_eq!(span(Duration::from_millis(20)), "20ms");
    }
}
