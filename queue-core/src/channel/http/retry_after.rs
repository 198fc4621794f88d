//! How long a far side asks us to wait.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// The longest wait that is believed; policies allow less.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// The wait that `Retry-After` tells, in seconds or as a date. Dates are of the far side's clock: where it
/// tells how late it thinks it is, ours does not matter.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // So many digits that they are no number are long enough.
        text.parse().map_or(LONGEST, Duration::from_secs)
    } else {
        let until = httpdate::parse_http_date(text).ok()?;
        let now = date(headers, DATE).unwrap_or(now);
        until.duration_since(now).unwrap_or_default()
    };
    Some(wait.min(LONGEST))
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
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
        retry_after(&headers, now).map(|wait| wait.as_secs())
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
