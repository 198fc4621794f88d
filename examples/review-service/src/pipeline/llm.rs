//! Stage `llm`: what the model says of the change, held to the contract.

use queue_core::contract::Action;
use queue_core::{Context, JobError};
use serde::{Deserialize, Serialize};

use crate::artifacts::Artifact;
use crate::model::{Material, Prompt};
use crate::request::subject;
use crate::review::{Checked, Edition, Review};
use crate::service::Service;

use super::{Fetched, redact};

/// What the stage came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// What is left of the answer.
    pub review: Review,
    /// What was asked for.
    pub edition: Edition,
    /// Findings that could not be used.
    pub dropped: usize,
    /// How often something in it was put right.
    pub repairs: usize,
}

/// Shows the model what was fetched, and judges its answer.
pub(super) async fn review(
    fetched: &Fetched,
    ctx: &Context<Service>,
) -> Result<Reviewed, JobError> {
    let service = ctx.state();
    let edition = service.trials().edition(&subject(fetched.changelist));
    let prompt = prompt(fetched, edition, service)?;
    let shown = format!("{}\n\n{}", prompt.system(), prompt.user());
    service.keep(ctx.id(), Artifact::RawPrompt, &shown).await?;

    // Before the call: a database that is away is not to cost another one.
    let now = ctx.queue().store().now().await?;
    let answer = service.model().review(&prompt).await;
    let answer = answer.map_err(|error| JobError::from(error.failure()))?;
    // Before it is judged: a rejected one is what somebody will want to read.
    service
        .keep(ctx.id(), Artifact::RawAnswer, &answer.text)
        .await?;
    let redacted = redact(&answer.text, service)?;
    service
        .keep(ctx.id(), Artifact::RedactedAnswer, redacted.as_str())
        .await?;

    let checked = service
        .contract()
        .check(answer.text, &fetched.files, ctx.correlation_id());
    service.trials().observe(now, edition, &checked);
    let (dropped, repairs) = (checked.items().dropped, repairs(&checked));
    let review = checked
        .into_review()
        .map_err(|rejected| JobError::from(rejected.failure()))?;
    let review = without_secrets(review, service)?;
    Ok(Reviewed {
        review,
        edition,
        dropped,
        repairs,
    })
}

/// How often something was put right.
fn repairs(checked: &Checked) -> usize {
    let diagnostics = checked.diagnostics().iter();
    diagnostics
        .filter(|said| said.action == Action::Coerce)
        .count()
}

/// What a model makes up may look like a secret, or be one that it learned elsewhere, and it goes out by mail.
fn without_secrets(mut review: Review, service: &Service) -> Result<Review, JobError> {
    let texts = review.findings.iter_mut().flat_map(|finding| {
        let optional = [finding.suggestion.as_mut(), finding.rule_id.as_mut()];
        let required = [&mut finding.id, &mut finding.title, &mut finding.message];
        required.into_iter().chain(optional.into_iter().flatten())
    });
    for text in texts.chain(review.summary.as_mut()) {
        *text = redact(text, service)?.as_str().to_owned();
    }
    Ok(review)
}

/// Redacts what is shown once more: the policy may be another than when it was fetched. What was redacted stays as it
/// is, so that this costs time and changes nothing else.
fn prompt(fetched: &Fetched, edition: Edition, service: &Service) -> Result<Prompt, JobError> {
    let (description, files, diff) = (
        redact(&fetched.description, service)?,
        redact(&fetched.files.join("\n"), service)?,
        redact(&fetched.diff, service)?,
    );
    let material = Material {
        changelist: fetched.changelist,
        description: &description,
        files: &files,
        diff: &diff,
        cut: fetched.cut,
    };
    Prompt::build(&material, edition).map_err(|error| JobError::permanent("PROMPT_INVALID", error))
}
