//! Takes secrets out of a text before anything of it leaves.
//!
//! The rules know what secrets look like, not what they are, so they rather take too much. What stays is the text as
//! it was: the same lines in the same places, with `[REDACTED:class]` for what was taken.
//!
//! A text that was redacted is run through the rules again, until they find nothing more. So the result is the same
//! however often it is redacted, and where that cannot be reached there is an error instead of a result.

mod class;
mod classes;
mod error;
mod meter;
mod policy;
mod redacted;
mod span;
mod word;

pub use class::Class;
pub use error::RedactionError;
pub use policy::{InvalidPolicy, RedactionPolicy};
pub use redacted::{Counts, Redacted};

use classes::Rules;
use meter::Meter;

/// How often the rules may go over a text. Each pass but the last leaves less for the next: what they find after the
/// first is what stood beside something that was taken.
const MOST_PASSES: usize = 8;

/// Takes out what a policy says.
///
/// ```
/// use review_service::redaction::{RedactionPolicy, Redactor};
/// let redactor = Redactor::new(RedactionPolicy::default()).unwrap();
/// let redacted = redactor.redact("+db = \"postgres://app:s3cret@db/app\"\n").unwrap();
/// assert_eq!(redacted.as_str(), "+db = \"postgres://[REDACTED:uri_userinfo]@db/app\"\n");
/// ```
#[derive(Debug, Clone)]
pub struct Redactor {
    rules: Rules,
    digest: String,
}

impl Redactor {
    /// By that policy.
    pub fn new(policy: RedactionPolicy) -> Result<Self, InvalidPolicy> {
        let policy = policy.checked()?;
        Ok(Self {
            digest: policy.digest(),
            rules: Rules::of(policy),
        })
    }

    /// Identifies the policy and the rules: what is redacted by another is not redacted by this one.
    #[must_use]
    pub fn policy_digest(&self) -> &str {
        &self.digest
    }

    /// The text without its secrets, line by line where it was. No part of it is in an error.
    pub fn redact(&self, text: &str) -> Result<Redacted, RedactionError> {
        let mut meter = Meter::for_length(text.len());
        let mut counts = Counts::default();
        let mut current = text.to_owned();
        for _ in 0..MOST_PASSES {
            let spans = self.rules.find(&current, &mut meter);
            meter.within_bounds()?;
            if spans.is_empty() {
                return Redacted::checked(text, current, counts, &self.digest, meter.spent());
            }
            for span in &spans {
                counts.add(span.class);
            }
            current = span::replaced(&current, &spans);
        }
        Err(RedactionError::Unstable)
    }
}
