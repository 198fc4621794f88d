//! When a schedule ticks: pure, given the time.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use super::InvalidSchedule;
use crate::Timestamp;
use crate::time::{micros, whole_micros};

/// When a schedule ticks. Two cadences are equal if they are written alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cadence {
    /// By the clock on the wall.
    Cron(Cron),
    /// By time elapsed.
    Every(Interval),
}

impl Cadence {
    /// By a cron expression in a named time zone; see [`Cron::new`].
    pub fn cron(expression: &str, zone: &str) -> Result<Self, InvalidSchedule> {
        Cron::new(expression, zone).map(Self::Cron)
    }

    /// By a fixed interval; see [`Interval::new`].
    pub fn every(interval: Duration) -> Result<Self, InvalidSchedule> {
        Interval::new(interval).map(Self::Every)
    }

    /// The first tick later than a moment; none if none comes any more.
    ///
    /// ```
    /// use std::time::Duration;
    /// use queue_core::{Cadence, Timestamp};
    /// let start = Timestamp::from_micros(1_700_000_000_000_000);
    /// assert_eq!(start.to_string(), "2023-11-14T22:13:20.000000Z");
    /// let nightly = Cadence::cron("0 3 * * *", "Europe/Berlin").unwrap();
    /// assert_eq!(nightly.next_after(start).unwrap().to_string(), "2023-11-15T02:00:00.000000Z");
    /// let often = Cadence::every(Duration::from_secs(600)).unwrap();
    /// assert_eq!(often.next_after(start).unwrap().to_string(), "2023-11-14T22:20:00.000000Z");
    /// ```
    #[must_use]
    pub fn next_after(&self, moment: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Cron(cron) => cron.next_after(moment),
            Self::Every(interval) => interval.next_after(moment),
        }
    }

    /// The last tick that is not later than `now`, given one such: the first moment that is followed by
    /// nothing up to `now`. Halving finds it by [`Self::next_after`] alone, so that it is a tick that
    /// walking forward would find, without walking through a year that nobody was there.
    pub(crate) fn latest(&self, tick: Timestamp, now: Timestamp) -> Timestamp {
        let is_last = |moment| self.next_after(moment).is_none_or(|next| next > now);
        let (mut low, mut high) = (tick, now);
        if is_last(low) {
            return low;
        }
        while low < high {
            let middle = low + high.since(low) / 2;
            if is_last(middle) {
                high = middle;
            } else {
                low = middle + Duration::from_micros(1);
            }
        }
        low
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cron(cron) => write!(f, "{} {}", cron.expression, cron.zone()),
            Self::Every(interval) => {
                write!(f, "every {}", humantime::format_duration(interval.get()))
            }
        }
    }
}

/// A fixed interval. Its ticks are the multiples of it since 1970 in UTC, so that every process knows
/// them without asking, and a restart does not move them: every ten minutes is at :00, :10, :20.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval(Duration);

impl Interval {
    /// From a second to a leap year.
    pub fn new(interval: Duration) -> Result<Self, InvalidSchedule> {
        let (least, most) = (Duration::from_secs(1), Duration::from_secs(366 * 86_400));
        if interval < least || interval > most {
            return Err(InvalidSchedule::Interval(interval));
        }
        Ok(Self(whole_micros(interval)))
    }

    /// How long it is.
    #[must_use]
    pub fn get(self) -> Duration {
        self.0
    }

    fn next_after(self, moment: Timestamp) -> Option<Timestamp> {
        let step = micros(self.0).max(1);
        let ticks = moment.as_micros().div_euclid(step).checked_add(1)?;
        ticks.checked_mul(step).map(Timestamp::from_micros)
    }
}

/// A cron expression in a named time zone.
///
/// As in crontab(5): minute, hour, day of month, month, day of week, with lists, ranges, steps and
/// names; a sixth field in front is seconds. `L`, `W` and `#` say the last day, the nearest weekday
/// and the nth weekday; `@hourly`, `@daily` and the like stand for what they say. Where day of month
/// and day of week are both given, either is enough.
///
/// When clocks change, an expression that names times of day (no `*` among its hours and minutes)
/// fires once for each of them: one that falls into the hour that is left out comes at the first
/// moment after it, one that falls into the hour that is repeated comes in the first of the two. An
/// expression with a `*` there goes by what the clock shows: nothing comes in the hour left out, and
/// each half of the repeated one has its ticks, so that `0 * * * *` is every hour all the same.
///
/// ```
/// use queue_core::Cron;
/// let cron = Cron::new("*/15 8-18 * * MON-FRI", "europe/berlin").unwrap();
/// assert_eq!(cron.zone(), "Europe/Berlin");
/// let error = Cron::new("61 * * * *", "UTC").unwrap_err();
/// assert!(error.to_string().starts_with("`61 * * * *` is not a cron expression: "), "{error}");
/// ```
#[derive(Clone)]
pub struct Cron {
    expression: String,
    zone: TimeZone,
    parsed: Arc<croner::Cron>,
    /// Whether it names times of day.
    named: bool,
}

impl Cron {
    /// Reads an expression and a zone.
    pub fn new(expression: &str, zone: &str) -> Result<Self, InvalidSchedule> {
        let expression = expression.split_whitespace().collect::<Vec<_>>().join(" ");
        let wrong = |problem: String| InvalidSchedule::Expression {
            expression: shown(&expression),
            problem,
        };
        if expression.len() > 200 {
            return Err(wrong("it is longer than 200 bytes".to_owned()));
        }
        let parsed = CronParser::builder()
            .seconds(Seconds::Optional)
            .year(Year::Disallowed)
            .build()
            .parse(&expression)
            .map_err(|error| wrong(in_lower_case(&error.to_string())))?;
        let zone = zones()
            .get(zone)
            .ok()
            .filter(|found| found.iana_name().is_some())
            .ok_or_else(|| InvalidSchedule::Zone(shown(zone)))?;
        let cron = Self {
            named: names_times(&expression),
            expression,
            zone,
            parsed: Arc::new(parsed),
        };
        // Every day that there is comes within eight years, also around a year 2100.
        let start = Timestamp::from_micros(1_800_000_000_000_000);
        match cron.next_after(start) {
            Some(_) => Ok(cron),
            None => Err(InvalidSchedule::Never(shown(&cron.expression))),
        }
    }

    /// The expression.
    #[must_use]
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The zone's name, spelled as the database of zones does.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    fn next_after(&self, moment: Timestamp) -> Option<Timestamp> {
        let start = jiff::Timestamp::from_microsecond(moment.as_micros()).ok()?;
        if self.named {
            return self.next_named(start);
        }
        let start = start.to_zoned(self.zone.clone());
        let found = self.parsed.find_next_occurrence(&start, false).ok()?;
        Some(Timestamp::from_micros(found.timestamp().as_microsecond()))
    }

    /// One moment for each time that the clock on the wall may show: none is left out, none comes
    /// twice. The moments come in the order of the times.
    fn next_named(&self, start: jiff::Timestamp) -> Option<Timestamp> {
        let mut wall = self.zone.to_datetime(start);
        loop {
            wall = self.parsed.find_next_occurrence(&wall, false).ok()?;
            let moment = self.moment(wall)?;
            if moment > start {
                return Some(Timestamp::from_micros(moment.as_microsecond()));
            }
        }
    }

    fn moment(&self, wall: DateTime) -> Option<jiff::Timestamp> {
        let ambiguous = self.zone.to_ambiguous_timestamp(wall);
        match ambiguous.offset() {
            AmbiguousOffset::Gap { after, .. } => {
                // By the offset that holds after the change the time lies before the change.
                let before = after.to_timestamp(wall).ok()?;
                let change = self.zone.following(before).next()?;
                Some(change.timestamp())
            }
            _ => ambiguous.earlier().ok(),
        }
    }
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.expression == other.expression && self.zone() == other.zone()
    }
}

impl Eq for Cron {}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cron")
            .field("expression", &self.expression)
            .field("zone", &self.zone())
            .finish_non_exhaustive()
    }
}

/// The data that were built in, whatever another crate of the program makes jiff look for.
fn zones() -> &'static TimeZoneDatabase {
    static ZONES: OnceLock<TimeZoneDatabase> = OnceLock::new();
    ZONES.get_or_init(TimeZoneDatabase::bundled)
}

/// Whether there is no `*` among seconds, minutes and hours.
fn names_times(expression: &str) -> bool {
    let fields: Vec<_> = expression.split(' ').collect();
    let of_day = fields.len().saturating_sub(3);
    match fields.as_slice() {
        [alias] => !alias.eq_ignore_ascii_case("@hourly"),
        fields => !fields
            .iter()
            .take(of_day)
            .any(|field| field.contains(['*', '?'])),
    }
}

fn shown(text: &str) -> String {
    text.chars()
        .take(80)
        .flat_map(char::escape_default)
        .collect()
}

/// The words of the parser, to go on with after a colon.
fn in_lower_case(words: &str) -> String {
    let words = words.trim_end_matches('.');
    let mut rest = words.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(rest).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn berlin(expression: &str) -> Cadence {
        Cadence::cron(expression, "Europe/Berlin").unwrap()
    }

    fn time(text: &str) -> Timestamp {
        let parsed: jiff::Timestamp = text.parse().unwrap();
        Timestamp::from_micros(parsed.as_microsecond())
    }

    /// The next ticks, without their fractions.
    fn ticks(cadence: &Cadence, from: &str, count: usize) -> Vec<String> {
        let mut moment = time(from);
        let mut found = Vec::new();
        for _ in 0..count {
            moment = cadence.next_after(moment).unwrap();
            found.push(moment.to_string().replace(":00.000000Z", "Z"));
        }
        found
    }

    // In Berlin clocks went from 02:00 to 03:00 on 2026-03-29 (01:00Z), and from 03:00 back to 02:00
    // on 2026-10-25 (01:00Z).

    #[test]
    fn a_tick_in_the_hour_that_is_left_out_comes_right_after_it() {
        assert_eq!(
            ticks(&berlin("30 2 * * *"), "2026-03-28T00:00Z", 3),
            [
                "2026-03-28T01:30Z",
                "2026-03-29T01:00Z",
                "2026-03-30T00:30Z"
            ]
        );
        // Also where it is one of several times of a day, and several fall together.
        assert_eq!(
            ticks(&berlin("15,45 2,14 * * *"), "2026-03-28T20:00Z", 3),
            [
                "2026-03-29T01:00Z",
                "2026-03-29T12:15Z",
                "2026-03-29T12:45Z"
            ]
        );
    }

    #[test]
    fn a_tick_in_the_hour_that_is_repeated_comes_once() {
        assert_eq!(
            ticks(&berlin("30 2 * * *"), "2026-10-24T12:00Z", 2),
            ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]
        );
        assert_eq!(
            ticks(&berlin("0 2,3 * * *"), "2026-10-24T12:00Z", 3),
            [
                "2026-10-25T00:00Z",
                "2026-10-25T02:00Z",
                "2026-10-26T01:00Z"
            ]
        );
        // Asked in the second half, too.
        assert_eq!(
            ticks(&berlin("30 2 * * *"), "2026-10-25T01:10Z", 1),
            ["2026-10-26T01:30Z"]
        );
    }

    #[test]
    fn every_hour_is_every_hour_when_clocks_change() {
        assert_eq!(
            ticks(&berlin("0 * * * *"), "2026-03-28T23:30Z", 3),
            [
                "2026-03-29T00:00Z",
                "2026-03-29T01:00Z",
                "2026-03-29T02:00Z"
            ]
        );
        assert_eq!(
            ticks(&berlin("0 * * * *"), "2026-10-24T23:30Z", 3),
            [
                "2026-10-25T00:00Z",
                "2026-10-25T01:00Z",
                "2026-10-25T02:00Z"
            ]
        );
        assert_eq!(
            ticks(&berlin("*/30 2 * * *"), "2026-10-24T23:30Z", 4),
            [
                "2026-10-25T00:00Z",
                "2026-10-25T00:30Z",
                "2026-10-25T01:00Z",
                "2026-10-25T01:30Z"
            ]
        );
    }

    #[test]
    fn a_zone_may_leave_out_a_day_or_half_an_hour() {
        // Samoa had no 30 December 2011.
        let samoa = Cadence::cron("0 12 * * *", "Pacific/Apia").unwrap();
        assert_eq!(
            ticks(&samoa, "2011-12-29T00:00Z", 3),
            [
                "2011-12-29T22:00Z",
                "2011-12-30T10:00Z",
                "2011-12-30T22:00Z"
            ]
        );
        // Lord Howe moves by thirty minutes.
        let howe = Cadence::cron("15 2 * * *", "Australia/Lord_Howe").unwrap();
        assert_eq!(
            ticks(&howe, "2026-10-02T16:00Z", 3),
            [
                "2026-10-03T15:30Z",
                "2026-10-04T15:15Z",
                "2026-10-05T15:15Z"
            ]
        );
    }

    #[test]
    fn what_crontab_reads_is_read() {
        let utc = |text| Cadence::cron(text, "UTC").unwrap();
        let from = "2026-01-01T00:00Z";
        assert_eq!(ticks(&utc("@daily"), from, 1), ["2026-01-02T00:00Z"]);
        assert_eq!(
            ticks(&utc("0 0 1,15 * MON"), from, 2),
            ["2026-01-05T00:00Z", "2026-01-12T00:00Z"]
        );
        assert_eq!(ticks(&utc("0 0 29 2 *"), from, 1), ["2028-02-29T00:00Z"]);
        assert_eq!(ticks(&utc("0 6 L * *"), from, 1), ["2026-01-31T06:00Z"]);
        assert_eq!(ticks(&utc("0 0 * * 7"), from, 1), ["2026-01-04T00:00Z"]);
        assert_eq!(
            ticks(&utc("30 0 0 * * *"), from, 1),
            ["2026-01-01T00:00:30.000000Z"]
        );
    }

    #[test]
    fn what_is_wrong_says_what_to_write() {
        for bad in [
            "",
            "* * * *",
            "61 * * * *",
            "a * * * *",
            "0 0 0 0 0 0 0",
            "@nightly",
            &"1,".repeat(200),
        ] {
            let error = Cadence::cron(bad, "UTC").unwrap_err();
            assert_eq!(error.code(), "expression", "{bad}");
            assert!(error.to_string().contains("like `0 3 * * *`"), "{error}");
        }
        assert_eq!(
            Cadence::cron("0 0 31 4,6 *", "UTC").unwrap_err().code(),
            "never"
        );
        for bad in ["", "Berlin", "CEST+2", "+02:00", "Europe/Berlin\n"] {
            let error = Cadence::cron("0 3 * * *", bad).unwrap_err();
            assert_eq!(error.code(), "zone", "{bad}");
        }
        for bad in [
            Duration::ZERO,
            Duration::from_millis(999),
            Duration::from_secs(400 * 86_400),
        ] {
            assert_eq!(Cadence::every(bad).unwrap_err().code(), "interval");
        }
    }

    #[test]
    fn there_is_an_end_of_time() {
        let far = Timestamp::from_micros(i64::MAX);
        assert_eq!(berlin("0 3 * * *").next_after(far), None);
        assert_eq!(
            Cadence::every(Duration::from_secs(7))
                .unwrap()
                .next_after(far),
            None
        );
    }

    fn any_cadence() -> impl Strategy<Value = Cadence> {
        let expressions = [
            "0 3 * * *",
            "30 2 * * *",
            "*/7 * * * *",
            "0 * * * *",
            "15,45 1-3 * * *",
            "*/20 2 * * *",
            "0 0 1 * *",
            "5 4 * * SUN",
            "*/10 * * * * *",
            "0 2 29 2 *",
        ];
        let zones = [
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "Africa/Casablanca",
            "America/Sao_Paulo",
        ];
        prop_oneof![
            (
                proptest::sample::select(expressions.to_vec()),
                proptest::sample::select(zones.to_vec())
            )
                .prop_map(|(expression, zone)| Cadence::cron(expression, zone).unwrap()),
            (1_000_000u64..400_000_000_000)
                .prop_map(|micros| Cadence::every(Duration::from_micros(micros)).unwrap()),
        ]
    }

    // From 2005 to 2045.
    const YEARS: std::ops::Range<i64> = 1_104_537_600_000_000..2_366_841_600_000_000;

    /// Half of the moments near a change of clocks in Berlin, where the surprises are.
    fn any_moment() -> impl Strategy<Value = Timestamp> {
        prop_oneof![
            YEARS,
            (1_774_735_200_000_000i64..1_774_764_000_000_000),
            (1_792_875_600_000_000i64..1_792_904_400_000_000),
        ]
        .prop_map(Timestamp::from_micros)
    }

    proptest! {
        #[test]
        fn a_tick_is_later_than_what_it_follows(cadence in any_cadence(), moment in any_moment()) {
            prop_assert!(cadence.next_after(moment).unwrap() > moment);
        }

        /// There is one line of ticks, wherever one enters it.
        #[test]
        fn no_tick_lies_between_a_moment_and_its_next(
            cadence in any_cadence(), moment in any_moment(), part in 0.0f64..1.0
        ) {
            let next = cadence.next_after(moment).unwrap();
            let within = next.since(moment).mul_f64(part);
            if moment + within < next {
                prop_assert_eq!(cadence.next_after(moment + within), Some(next));
            }
        }

        #[test]
        fn later_moments_have_no_earlier_ticks(
            cadence in any_cadence(), moment in any_moment(), later in 0u64..20_000_000_000
        ) {
            let later = moment + Duration::from_micros(later);
            prop_assert!(cadence.next_after(later) >= cadence.next_after(moment));
        }

        #[test]
        fn every_interval_is_exact(micros in 1_000_000u64..400_000_000_000, moment in YEARS) {
            let interval = Duration::from_micros(micros);
            let cadence = Cadence::every(interval).unwrap();
            let first = cadence.next_after(Timestamp::from_micros(moment)).unwrap();
            prop_assert_eq!(cadence.next_after(first).unwrap().since(first), interval);
        }

        #[test]
        fn the_latest_tick_is_the_one_that_walking_finds(
            cadence in any_cadence(), moment in any_moment(), later in 0u64..2_000_000_000
        ) {
            let first = cadence.next_after(moment).unwrap();
            let now = first + Duration::from_micros(later);
            let mut walked = first;
            while let Some(next) = cadence.next_after(walked).filter(|next| *next <= now) {
                walked = next;
            }
            prop_assert_eq!(cadence.latest(first, now), walked);
        }
    }
}
