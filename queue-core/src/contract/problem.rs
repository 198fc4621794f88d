//! A rejection as HTTP says it: problem details (RFC 9457).

use serde::Serialize;

use super::{Diagnostic, Rejection};
use crate::catalogue::Code;

/// The body of an HTTP answer to a document that was rejected, of the type [`Problem::MEDIA_TYPE`].
///
/// ```
/// use queue_core::contract::{Contract, Field, Integer, Object, ReadContext};
/// let order = Object::of([Field::required("id", Integer::new())]);
/// let contract = Contract::of("order", order).build().unwrap();
/// let rejection = contract.read(r#"{"id": "x"}"#, &ReadContext::new()).rejection().unwrap();
///
/// let problem = rejection.problem();
/// assert_eq!((problem.status, problem.kind.as_str()), (422, "urn:leasehold:code:schema_mismatch"));
/// let body = serde_json::to_value(&problem).unwrap();
/// assert_eq!(body["diagnostics"][0]["path"], "/id");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// Which problem it is: `urn:leasehold:code:` and the code of the first.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same in words that do not change.
    pub title: &'static str,
    /// The HTTP status to answer with.
    pub status: u16,
    /// What is wrong with this document.
    pub detail: String,
    /// The contract that it does not keep.
    pub contract: String,
    /// The SHA-256 of the document.
    pub sha256: String,
    /// Every problem. The values are in it, for whoever sent them.
    pub diagnostics: Vec<Diagnostic>,
}

impl Problem {
    /// The content type of the body.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";
}

impl Rejection {
    /// What to answer over HTTP.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let verdict = self.verdict();
        let first = self.problems().next();
        let code = first.map_or(Code::DocumentRejected, |problem| problem.code);
        let reason = first.map_or("", |problem| problem.reason.as_ref());
        Problem {
            kind: format!("urn:leasehold:code:{code}"),
            title: code.entry().meaning,
            status: status(code, reason),
            detail: self.to_string(),
            contract: verdict.contract().to_owned(),
            sha256: verdict.sha256(),
            diagnostics: self.problems().cloned().collect(),
        }
    }
}

fn status(code: Code, reason: &str) -> u16 {
    match (code, reason) {
        (Code::InvalidJson, _) => 400,
        (Code::LimitExceeded, "too_many_bytes") => 413,
        // Who sent the document has nothing to mend.
        (Code::ContextMissing, _) => 500,
        _ => 422,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Contract, Field, Limits, Object, ReadContext, Rule, Text};

    fn answered(document: &str) -> Problem {
        let fields = [Field::required("owner", Text::new().not_empty())];
        let root = Object::of(fields).rule(Rule::among("owner", "staff"));
        let limits = Limits {
            bytes: 40,
            ..Limits::default()
        };
        let contract = Contract::of("file", root).limits(limits).build().unwrap();
        let verdict = contract.read(document.to_owned(), &ReadContext::new());
        verdict.rejection().unwrap().problem()
    }

    #[test]
    fn each_problem_has_its_status() {
        assert_eq!(answered("{").status, 400);
        assert_eq!(answered(&" ".repeat(41)).status, 413);
        assert_eq!(answered(r#"{"owner": ""}"#).status, 422);
        assert_eq!(answered(r#"{"owner": "ada"}"#).status, 500);
    }

    #[test]
    fn the_summary_is_no_problem_of_its_own() {
        let problem = answered(r#"{"owner": 7, "other": 8}"#);
        let codes: Vec<_> = problem.diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(codes, [Code::SchemaMismatch, Code::SchemaMismatch]);
        assert!(problem.detail.contains("/owner") && problem.detail.contains("/other"));
    }
}
