//! A plan as the text of a file. There is one text for a plan, so that any other is an edited one.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Actor, Code, PlanDigest, StoreId, Timestamp};

use super::plan::{PlannedLetter, ReplayPlan};

const FORMAT: &str = "leasehold/replay-plan";
const VERSION: u32 = 1;

/// Why a plan was refused. Nothing of it was applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// It is something else.
    #[error("the file is no replay plan ({0}): give one that `leasehold replay plan` has written")]
    NotAPlan(String),
    /// A newer program made it.
    #[error(
        "the plan has format version {found}, this program knows {known}: apply it with the program \
         that made it, or make it anew with this one"
    )]
    Newer {
        /// The version found.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// It is not what was written.
    #[error(
        "the plan was changed after it was made, its digest is another one: make it anew, with a filter \
         that chooses what you want"
    )]
    Edited,
    /// It is of another database.
    #[error(
        "the plan was made for database {plan}, this one is {database}: give the URL of the one that it \
         was made for"
    )]
    OtherDatabase {
        /// That of the plan.
        plan: StoreId,
        /// This one.
        database: StoreId,
    },
}

impl PlanError {
    /// A stable reason code: what is wrong with the plan.
    ///
    /// ```
    /// use queue_core::PlanError;
    /// assert_eq!(PlanError::Edited.code(), "plan_edited");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAPlan(_) => Code::PlanUnreadable.as_str(),
            Self::Newer { .. } => Code::PlanNewer.as_str(),
            Self::Edited => Code::PlanEdited.as_str(),
            Self::OtherDatabase { .. } => Code::PlanForeign.as_str(),
        }
    }
}

/// What every version of the format has.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    #[serde(rename = "format")]
    _format: String,
    #[serde(rename = "version")]
    _version: u32,
    database: String,
    filter: String,
    made_by: Actor,
    made_at: Timestamp,
    from_start: bool,
    letters: Vec<PlannedLetter>,
    digest: PlanDigest,
}

/// The plan with the digest that it should have.
pub(super) fn sealed(mut plan: ReplayPlan) -> ReplayPlan {
    plan.digest = PlanDigest::of(&Sha256::digest(body(&plan)).into());
    plan
}

/// A line for the plan, one for each letter, one for the digest.
pub(super) fn text(plan: &ReplayPlan) -> String {
    format!("{}\"digest\":{}}}\n", body(plan), json(&plan.digest))
}

/// Everything before the digest, which is over it.
fn body(plan: &ReplayPlan) -> String {
    let mut text = format!(
        "{{\"format\":{},\"version\":{VERSION},\"database\":{},\"filter\":{},\"made_by\":{},\
         \"made_at\":{},\"from_start\":{},\"letters\":[\n",
        json(FORMAT),
        json(&plan.database.to_string()),
        json(&plan.filter),
        json(&plan.made_by),
        json(&plan.made_at),
        json(&plan.from_start),
    );
    for (n, letter) in plan.letters.iter().enumerate() {
        if n > 0 {
            text.push_str(",\n");
        }
        text.push_str(&json(letter));
    }
    text.push_str("\n],");
    text
}

/// Names, numbers and texts, which are JSON always.
fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

pub(super) fn read(text: &str) -> Result<ReplayPlan, PlanError> {
    let head: Head =
        serde_json::from_str(text).map_err(|error| PlanError::NotAPlan(error.to_string()))?;
    if head.format != FORMAT {
        let other = head.format.chars().take(40).flat_map(char::escape_debug);
        let other: String = other.collect();
        return Err(PlanError::NotAPlan(format!("its format is `{other}`")));
    }
    if head.version > VERSION {
        return Err(PlanError::Newer {
            found: head.version,
            known: VERSION,
        });
    }
    let whole: Whole = serde_json::from_str(text).map_err(|_| PlanError::Edited)?;
    let database = whole.database.parse().map_err(|_| PlanError::Edited)?;
    let plan = sealed(ReplayPlan {
        database: StoreId::new(database),
        filter: whole.filter,
        made_by: whole.made_by,
        made_at: whole.made_at,
        from_start: whole.from_start,
        letters: whole.letters,
        digest: whole.digest,
    });
    if self::text(&plan) == text {
        Ok(plan)
    } else {
        Err(PlanError::Edited)
    }
}
