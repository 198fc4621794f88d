//! How long a far side asks us to wait.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// The longest wait that is believed; policies allow less.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// The wait that a `Retry-After` of this text asks for, in seconds or as a date; none if it is neither.
///
/// Dates are of the far side's clock: where it tells by `Date` how late it thinks it is, ours does not matter. A service
/// that calls others in its handlers hands the wait to [`JobError::retry_after`](crate::JobError::retry_after), whose
/// policy bounds it.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use queue_core::channel::retry_after;
/// let now = SystemTime::now();
/// assert_eq!(retry_after("120", None, now), Some(Duration::from_secs(120)));
/// let (until, date) = ("Sun, 06 Nov 1994 08:50:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT");
/// assert_eq!(retry_after(until, Some(date), now), Some(Duration::from_secs(60)));
/// assert_eq!(retry_after("soon", None, now), None);
/// ```
#[must_use]
pub fn retry_after(text: &str, date: Option<&str>, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // So many digits that they are no number are long enough.
        text.parse().map_or(LONGEST, Duration::from_secs)
    } else {
        let until = httpdate::parse_http_date(text).ok()?;
        let now = date
            .and_then(|date| httpdate::parse_http_date(date).ok())
            .unwrap_or(now);
        until.duration_since(now).unwrap_or_default()
    };
    Some(wait.min(LONGEST))
}

/// The same, of an answer's headers.
pub(super) fn asked_by(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    retry_after(text(RETRY_AFTER)?, text(DATE), now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(retry_after_text: &str, date_text: Option<&str>) -> Option<u64> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after_text.parse().unwrap());
        if let Some(date) = date_text {
            headers.insert(DATE, date.parse().unwrap());
        }
        asked_by(&headers, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_told_and_nonsense_is_not() {
        assert_eq!(waits("120", None), Some(120));
        assert_eq!(waits(" 0 ", None), Some(0));
        // The three forms of HTTP; now is 08:49:37.
        assert_eq!(waits("Sun, 06 Nov 1994 08:50:37 GMT", None), Some(60));
        assert_eq!(waits("Sunday, 06-Nov-94 08:50:37 GMT", None), Some(60));
        assert_eq!(waits("Sun Nov  6 08:50:37 1994", None), Some(60));
        // It was over before we heard of it.
        assert_eq!(waits("Sun, 06 Nov 1994 08:00:00 GMT", None), Some(0));
        // Its clock is an hour ahead of ours.
        let date = Some("Sun, 06 Nov 1994 09:49:37 GMT");
        assert_eq!(waits("Sun, 06 Nov 1994 09:49:47 GMT", date), Some(10));
        assert_eq!(
            waits("99999999999999999999999", None),
            Some(LONGEST.as_secs())
        );
        for nonsense in ["", "-1", "1.5", "soon", "12 seconds"] {
            assert_eq!(waits(nonsense, None), None, "{nonsense}");
        }
    }
}
