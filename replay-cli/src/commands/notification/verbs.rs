//! What can be decided on messages.

use clap::Args;
use queue_core::{
    Evidence, EvidenceNote, EvidenceReference, NotificationId, NotificationVerb, Recipient,
};

use super::change;
use super::targets::Targets;
use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::ids;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold notification retry 17 --reason 'the mailbox has room again, OPS-17'
  leasehold notification retry --all-matching --channel email \\
      --reason 'the relay is back, OPS-17' --yes

Only messages that failed. They have all their attempts again, under the key that the provider
knows.")]
pub(crate) struct Retry {
    #[command(flatten)]
    targets: Targets,
    #[command(flatten)]
    why: Why,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  leasehold notification redirect 17 --to bob@example.org --reason 'she left, he took over, OPS-17'

Only a message that failed. Its identity stays, so that the same intent is not stored again.")]
pub(crate) struct Redirect {
    /// The id of the message
    #[arg(value_parser = ids::notification)]
    notification: NotificationId,
    /// The address that gets it instead
    #[arg(long, value_name = "ADDRESS")]
    to: Recipient,
    #[command(flatten)]
    why: Why,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold notification waive 17 --reason 'told her by phone, OPS-17'
  leasehold notification waive --all-matching --error-class ENDPOINT_GONE --reason 'OPS-17' --yes

Only messages that failed. A job whose last outstanding message this is becomes succeeded with
it.")]
pub(crate) struct Waive {
    #[command(flatten)]
    targets: Targets,
    #[command(flatten)]
    why: Why,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold notification verdict 17 --delivered \\
      --reference OPS-17 --note 'it is in her mailbox' --reason 'asked her'
  leasehold notification verdict 17 --not-delivered \\
      --reference OPS-17 --note 'not in the relay log' --reason 'looked'

Only messages in doubt. One that was delivered is marked as sent, one that was not is sent
again.")]
pub(crate) struct Verdict {
    #[command(flatten)]
    targets: Targets,
    /// It was delivered
    #[arg(
        long,
        conflicts_with = "not_delivered",
        required_unless_present = "not_delivered"
    )]
    delivered: bool,
    /// It was not delivered
    #[arg(long)]
    not_delivered: bool,
    /// Where it can be read: a ticket, a link
    #[arg(long, value_name = "TEXT")]
    reference: EvidenceReference,
    /// What was found
    #[arg(long, value_name = "TEXT")]
    note: EvidenceNote,
    #[command(flatten)]
    why: Why,
}

pub(super) async fn retry(desk: &Desk, options: &Retry) -> Result<Answer, Failure> {
    let verb = NotificationVerb::Retry;
    on_many(
        desk,
        "notification retry",
        &options.targets,
        &verb,
        &options.why,
    )
    .await
}

pub(super) async fn waive(desk: &Desk, options: &Waive) -> Result<Answer, Failure> {
    let verb = NotificationVerb::Waive;
    on_many(
        desk,
        "notification waive",
        &options.targets,
        &verb,
        &options.why,
    )
    .await
}

pub(super) async fn verdict(desk: &Desk, options: &Verdict) -> Result<Answer, Failure> {
    let evidence = Evidence {
        reference: options.reference.clone(),
        note: options.note.clone(),
    };
    let verb = if options.delivered {
        NotificationVerb::Delivered(evidence)
    } else {
        NotificationVerb::NotDelivered(evidence)
    };
    on_many(
        desk,
        "notification verdict",
        &options.targets,
        &verb,
        &options.why,
    )
    .await
}

pub(super) async fn redirect(desk: &Desk, options: &Redirect) -> Result<Answer, Failure> {
    let verb = NotificationVerb::Redirect(options.to.clone());
    let act = options.why.act()?;
    let ids = [options.notification];
    change::run(desk, "notification redirect", &ids, &verb, &act, false).await
}

async fn on_many(
    desk: &Desk,
    command: &str,
    targets: &Targets,
    verb: &NotificationVerb,
    why: &Why,
) -> Result<Answer, Failure> {
    let act = why.act()?;
    let ids = targets.find(desk.store().await?, verb.from()).await?;
    let dry_run = targets.is_dry(ids.len());
    change::run(desk, command, &ids, verb, &act, dry_run).await
}
