//! `sqlite:path?synchronous=full&busy_timeout=5s`

use std::time::Duration;

use queue_core::StoreError;

use crate::options::{SqliteOptions, Synchronous};

const FORM: &str = "write sqlite:path/to/jobs.db, or sqlite:///absolute/path/jobs.db";
const PARAMETERS: &str = "synchronous, busy_timeout, create, migrate";

pub(crate) fn parse(url: &str) -> Result<SqliteOptions, StoreError> {
    let refuse = |problem: String, remedy: String| {
        StoreError::refused(format!("the URL `{url}`"), problem, remedy)
    };
    let Some(rest) = url.strip_prefix("sqlite:") else {
        // Not the URL itself: another database's may have a password in it.
        let problem = match url.split_once(':') {
            Some((scheme, _)) if scheme.len() <= 20 => {
                format!("its scheme is {}", scheme.escape_default())
            }
            _ => "it has no scheme".to_owned(),
        };
        let remedy = if url.starts_with("postgres") {
            "open it with queue_postgres::PostgresStore"
        } else {
            FORM
        };
        return Err(StoreError::refused("the database URL", problem, remedy));
    };
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = decode(path)
        .ok_or_else(|| refuse("its path is not well encoded".to_owned(), FORM.to_owned()))?;
    if path.is_empty() {
        return Err(refuse("it has no path".to_owned(), FORM.to_owned()));
    }
    let mut options = SqliteOptions::new(path);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(value).unwrap_or_else(|| value.to_owned());
        let wrong = |expected: &str| {
            refuse(
                format!("`{value}` is not a value of `{name}`"),
                format!("write {name}={expected}"),
            )
        };
        options = match name {
            "synchronous" => options.synchronous(match value.as_str() {
                "full" => Synchronous::Full,
                "normal" => Synchronous::Normal,
                _ => return Err(wrong("full or normal")),
            }),
            "busy_timeout" => options.busy_timeout(patience(&value).ok_or_else(|| wrong("5s"))?),
            "create" => {
                options.create_if_missing(truth(&value).ok_or_else(|| wrong("true or false"))?)
            }
            "migrate" => {
                options.migrate_on_open(truth(&value).ok_or_else(|| wrong("true or false"))?)
            }
            _ => {
                return Err(refuse(
                    format!("there is no parameter `{name}`"),
                    format!("the parameters are {PARAMETERS}"),
                ));
            }
        };
    }
    Ok(options)
}

/// SQLite counts its patience in milliseconds, in 31 bits.
fn patience(text: &str) -> Option<Duration> {
    let patience = humantime::parse_duration(text).ok()?;
    (patience.as_millis() <= i32::MAX.unsigned_abs().into()).then_some(patience)
}

fn truth(text: &str) -> Option<bool> {
    text.parse().ok()
}

/// Undoes %-encoding.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        rest = tail;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let [high, low, tail @ ..] = rest else {
            return None;
        };
        let digit = |c: &u8| char::from(*c).to_digit(16);
        bytes.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_in_three_forms_and_are_decoded() {
        for (url, path) in [
            ("sqlite:jobs.db", "jobs.db"),
            ("sqlite://data/jobs.db", "data/jobs.db"),
            ("sqlite:/var/lib/jobs.db", "/var/lib/jobs.db"),
            ("sqlite:///var/lib/jobs.db", "/var/lib/jobs.db"),
            ("sqlite:my%20jobs%3F.db", "my jobs?.db"),
        ] {
            assert_eq!(parse(url).unwrap().path().to_str(), Some(path), "{url}");
        }
    }

    #[test]
    fn parameters_are_read() {
        let options =
            parse("sqlite:a.db?synchronous=normal&busy_timeout=250ms&create=false&migrate=false")
                .unwrap();
        assert_eq!(options.durability(), Synchronous::Normal);
        assert_eq!(options.patience(), Duration::from_millis(250));
        assert!(!options.creates() && !options.migrates());
        let defaults = parse("sqlite:a.db").unwrap();
        assert_eq!(defaults.durability(), Synchronous::Full);
        assert!(defaults.creates() && defaults.migrates());
    }

    #[test]
    fn what_is_wrong_is_refused_with_what_to_write() {
        for (url, needle) in [
            ("mysql://host/db", "write sqlite:"),
            ("sqlite:", "it has no path"),
            ("sqlite:%zz", "not well encoded"),
            (
                "sqlite:a.db?mode=rwc",
                "the parameters are synchronous, busy_timeout, create, migrate",
            ),
            (
                "sqlite:a.db?synchronous=off",
                "write synchronous=full or normal",
            ),
            ("sqlite:a.db?busy_timeout=soon", "write busy_timeout=5s"),
            ("sqlite:a.db?busy_timeout=100years", "write busy_timeout=5s"),
            ("sqlite:a.db?migrate=maybe", "write migrate=true or false"),
        ] {
            let error = parse(url).unwrap_err().to_string();
            assert!(error.contains(needle), "{url}: {error}");
        }
    }
}
