//! Rates, as `10/s`.

use std::time::Duration;

use queue_core::RateLimit;

/// So many permits in so long.
///
/// ```
/// use std::time::Duration;
/// assert_eq!(queue_ops::rate::parse("600/min"), Ok((600, Duration::from_secs(60))));
/// ```
pub fn parse(text: &str) -> Result<(u32, Duration), String> {
    let wrong = || "write permits per time, such as 10/s, 600/min or 100/30s".to_owned();
    let (permits, per) = text.split_once('/').ok_or_else(wrong)?;
    let permits = permits.trim().parse().map_err(|_| wrong())?;
    let per = per.trim();
    // One of a unit may go without its number.
    let per = if per.starts_with(|c: char| c.is_ascii_digit()) {
        per.to_owned()
    } else {
        format!("1{per}")
    };
    let per = humantime::parse_duration(&per).map_err(|_| wrong())?;
    Ok((permits, per))
}

/// As it would be given.
#[must_use]
pub fn written(rate: &RateLimit) -> String {
    let per = rate.per();
    let unit = match per.as_millis() {
        1_000 => "s".to_owned(),
        60_000 => "min".to_owned(),
        3_600_000 => "h".to_owned(),
        _ => humantime::format_duration(per).to_string().replace(' ', ""),
    };
    format!("{}/{unit}", rate.permits())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_they_are_written() {
        for (text, wanted) in [
            ("10/s", "10/s"),
            ("600/min", "600/min"),
            ("1/1h", "1/h"),
            ("100/30s", "100/30s"),
            ("5/1m 30s", "5/1m30s"),
        ] {
            let (permits, per) = parse(text).unwrap();
            assert_eq!(written(&RateLimit::new(permits, per, 1).unwrap()), wanted);
            assert_eq!(parse(wanted).unwrap(), (permits, per));
        }
        for text in ["10", "10/", "/s", "ten/s", "10/fortnight", "-1/s"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
