//! What a request has to be.

use queue_core::Cause;
use queue_core::contract::{Contract, Field, Integer, Limits, List, Object, Shape, Text};

/// More than a mail is good for; mailing lists exist.
const MOST_RECIPIENTS: usize = 50;
/// A change may have more files: whoever asks need not name them all.
const MOST_PATHS: usize = 1000;
/// The depot counts in 31 bits.
const LAST_CHANGE: i64 = i32::MAX as i64;

const ATOM: &str = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL: &str = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?";

/// The contract of `POST /v1/reviews`, for bodies of so many bytes.
///
/// ```
/// use queue_core::contract::ReadContext;
/// let contract = review_service::ingest::contract(65_536).unwrap();
/// let body = r#"{"changelist_id": 17, "review_version": 1, "idempotency_key": "ci 4711",
///                "recipients": ["ada@example.org"]}"#;
/// assert!(contract.read(body, &ReadContext::new()).is_accepted());
/// let verdict = contract.read(r#"{"changelist_id": "17; rm -rf /"}"#, &ReadContext::new());
/// assert_eq!(verdict.diagnostics()[0].path, "/changelist_id");
/// ```
pub fn contract(most_bytes: usize) -> Result<Contract, Cause> {
    let address = format!(r"^{ATOM}(\.{ATOM})*@{LABEL}(\.{LABEL})*$");
    let counted = || Integer::new().at_least(1);
    let root = Object::of([
        Field::required("changelist_id", counted().at_most(LAST_CHANGE))
            .about("The number of the change."),
        Field::required("review_version", counted()).about("Which review of it this is."),
        Field::required("idempotency_key", pattern("^[ -~]{1,200}$")?)
            .about("The same key again creates nothing: 1 to 200 printable characters of ASCII."),
        Field::optional("rerun", Shape::Boolean)
            .about("Whether a change that was reviewed before is to be reviewed again."),
        // Nothing is put right in a path: there is to be one way to write it.
        Field::optional(
            "requested_paths",
            List::of(Text::new().not_empty().max_chars(4096)).max_items(MOST_PATHS),
        )
        .about("Files that are in the change: refused here if they are not allowed."),
        Field::optional("priority", Integer::new().at_least(-3).at_most(3))
            .about("From -3, the last, to 3, the first."),
        Field::required(
            "recipients",
            List::of(pattern(&address)?.max_chars(254))
                .min_items(1)
                .max_items(MOST_RECIPIENTS),
        )
        .sensitive()
        .about("The addresses of those who are told."),
        Field::optional("correlation_id", pattern("^[!-~]{1,128}$")?)
            .about("What the caller's work is known by; the request's id where it is not given."),
    ]);
    let limits = Limits {
        bytes: most_bytes,
        depth: 4,
        items: MOST_PATHS,
        diagnostics: 100,
    };
    let contract = Contract::of("review_request", root)
        .about("A review of a change that somebody wants.")
        .limits(limits)
        .build()?;
    Ok(contract)
}

fn pattern(text: &str) -> Result<Text, Cause> {
    Ok(Text::new().pattern(text.parse()?))
}
