//! A database's URL as it may be shown.

use url::Url;

/// Parameters that say where and how, and never who may.
const OPEN: &[&str] = &[
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "schema",
    "pool",
    "prepared",
    "migrate",
    "create",
    "synchronous",
    "busy_timeout",
    "sslmode",
    "application_name",
];

/// The URL without its password, and without parameters that may have one. Of what is no URL nothing
/// is shown but that.
///
/// ```
/// use queue_ops::shown_url;
/// assert_eq!(
///     shown_url("postgres://app:hunter2@db/jobs?sslkey=/k.pem&pool=3"),
///     "postgres://app@db/jobs?pool=3"
/// );
/// assert_eq!(shown_url("sqlite:/var/lib/jobs.db"), "sqlite:/var/lib/jobs.db");
/// assert_eq!(shown_url("hunter2"), "(not a URL)");
/// ```
#[must_use]
pub fn shown_url(url: &str) -> String {
    if url.starts_with("sqlite:") {
        return url.to_owned();
    }
    let Ok(mut parsed) = Url::parse(url) else {
        return "(not a URL)".to_owned();
    };
    // Neither fails for a URL with a host; one without has no password to take out.
    if parsed.set_password(None).is_err() && parsed.password().is_some() {
        return "(a URL with a password)".to_owned();
    }
    let pairs: Vec<String> = parsed
        .query_pairs()
        .filter(|(name, _)| OPEN.contains(&name.as_ref()))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    parsed.set_query(None);
    parsed.set_fragment(None);
    if pairs.is_empty() {
        parsed.to_string()
    } else {
        format!("{parsed}?{}", pairs.join("&"))
    }
}
