//! What is wrong with channels and rules.

use std::fmt;

/// One thing that is wrong, where, and what to write instead. It shows no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryProblem {
    /// The file with its line, or the variable of the environment.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for DeliveryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

/// Everything that is wrong with channels and rules, a line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct InvalidDelivery(Vec<DeliveryProblem>);

impl InvalidDelivery {
    /// What is wrong; never nothing.
    #[must_use]
    pub fn problems(&self) -> &[DeliveryProblem] {
        &self.0
    }

    /// Refuses where anything is wrong.
    pub(super) fn unless_none(mut problems: Vec<DeliveryProblem>) -> Result<(), Self> {
        if problems.is_empty() {
            return Ok(());
        }
        // As it stands in the file, and variables after it.
        problems.sort_by_key(|one| {
            let line = one.place.rsplit(':').next();
            line.and_then(|line| line.parse().ok())
                .unwrap_or(usize::MAX)
        });
        Err(Self(problems))
    }
}

fn lines(problems: &[DeliveryProblem]) -> String {
    let lines: Vec<_> = problems.iter().map(DeliveryProblem::to_string).collect();
    lines.join("\n")
}
