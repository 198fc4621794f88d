//! What a model's answer has to be, and what is left of one that was held to that.

mod check;
pub mod check_answer;
mod contract;
mod finding;
mod versions;

pub use check::{AnswerContract, Checked, RejectedAnswer};
pub use contract::{CHANGED_FILES, contract};
pub use finding::{Category, Confidence, Finding, Review, Severity};
pub use versions::{AcceptedVersions, Edition};
