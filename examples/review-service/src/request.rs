//! What is asked of the service, and the job that it becomes.

use std::time::Duration;

use queue_core::{Job, Subject};
use serde::{Deserialize, Serialize};

/// A review as the ingest's contract lets it through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewRequest {
    /// The number of the change.
    pub changelist_id: u64,
    /// Which review of it this is.
    pub review_version: u64,
    /// The caller's key for this one intent.
    pub idempotency_key: String,
    /// Whether a change that was reviewed before is to be reviewed again.
    #[serde(default)]
    pub rerun: bool,
    /// What the caller thinks is in the change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requested_paths: Vec<String>,
    /// From −3, the last, to 3.
    #[serde(default)]
    pub priority: i16,
    /// Who is told.
    pub recipients: Vec<String>,
    /// What the caller's work is known by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
}

impl ReviewRequest {
    /// The job that does it: each recipient once, however often the caller named one.
    #[must_use]
    pub fn into_job(self) -> ReviewChange {
        let mut recipients = self.recipients;
        recipients.sort();
        recipients.dedup();
        ReviewChange {
            changelist: self.changelist_id,
            review_version: self.review_version,
            recipients,
        }
    }
}

/// The stages of a review, by the names under which their outputs are stored.
pub mod stages {
    /// Gets the change from the depot.
    pub const FETCH: &str = "fetch";
    /// Has it reviewed.
    pub const LLM: &str = "llm";
    /// Writes the mails.
    pub const NOTIFY: &str = "notify";
}

/// The job: one review of one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewChange {
    /// The number of the change.
    pub changelist: u64,
    /// Which review of it this is.
    pub review_version: u64,
    /// Who is told.
    pub recipients: Vec<String>,
}

impl ReviewChange {
    /// What the job is about: its revision is the version of the review.
    #[must_use]
    pub fn subject(&self) -> String {
        subject(self.changelist)
    }
}

/// What jobs on a change are about.
///
/// ```
/// assert_eq!(review_service::request::subject(17), "changelist:17");
/// ```
#[must_use]
pub fn subject(changelist: u64) -> String {
    format!("changelist:{changelist}")
}

impl Job for ReviewChange {
    const KIND: &'static str = "review_change";
    const QUEUE: &'static str = "reviews";
    /// A review that a worker died with is taken up by another that soon.
    const LEASE: Duration = Duration::from_secs(10);
    /// Of each stage.
    const MAX_ATTEMPTS: u16 = 5;

    fn check(&self) -> Result<(), String> {
        if self.changelist == 0 || self.review_version == 0 {
            return Err("changes and versions of reviews are numbered from 1".to_owned());
        }
        if self.recipients.is_empty() {
            return Err("nobody is told of it".to_owned());
        }
        Subject::new(self.subject())
            .map(drop)
            .map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_named_twice_is_told_once() {
        let request = serde_json::json!({
            "changelist_id": 17, "review_version": 2, "idempotency_key": "k",
            "recipients": ["b@x.org", "a@x.org", "b@x.org"],
        });
        let request: ReviewRequest = serde_json::from_value(request).unwrap();
        let job = request.into_job();
        assert_eq!(job.recipients, ["a@x.org", "b@x.org"]);
        assert_eq!(job.subject(), "changelist:17");
    }

    #[test]
    fn what_no_ingest_lets_through_is_no_job_either() {
        let good = ReviewChange {
            changelist: 1,
            review_version: 1,
            recipients: vec!["a@x.org".to_owned()],
        };
        assert!(good.to_new().is_ok());
        for bad in [
            ReviewChange {
                changelist: 0,
                ..good.clone()
            },
            ReviewChange {
                review_version: 0,
                ..good.clone()
            },
            ReviewChange {
                recipients: Vec::new(),
                ..good
            },
        ] {
            assert!(bad.to_new().is_err(), "{bad:?}");
        }
    }
}
