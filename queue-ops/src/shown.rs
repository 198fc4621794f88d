//! A database's URL and its errors as they are shown.

use queue_core::StoreError;
use url::Url;

/// What a program says of a store's error, whose own words are for those who embed the library.
///
/// ```
/// use queue_core::StoreError;
/// let error = StoreError::SchemaMismatch { found: 0, supported: 5 };
/// assert_eq!(
///     queue_ops::shown_error(&error),
///     "the database has no Leasehold schema; `leasehold migrate up` makes it"
/// );
/// ```
#[must_use]
pub fn shown_error(error: &StoreError) -> String {
    match error {
        StoreError::SchemaMismatch { found: 0, .. } => {
            "the database has no Leasehold schema; `leasehold migrate up` makes it".to_owned()
        }
        StoreError::SchemaMismatch { found, supported } if found < supported => format!(
            "the database has schema version {found}, this program needs {supported}; stop what else uses \
             it, and run `leasehold migrate up`"
        ),
        StoreError::SchemaMismatch { found, supported } => format!(
            "the database has schema version {found}, this program knows {supported}: it is older than the \
             database; use the newer one"
        ),
        error => error.to_string(),
    }
}

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
