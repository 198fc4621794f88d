//! `leasehold dead evidence`

use clap::Args;
use queue_core::{Evidence, EvidenceNote, EvidenceReference};

use super::change::{self, Verb};
use super::targets::Targets;
use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold dead evidence 1042 --reference OPS-17 \\
      --note 'the provider was down until 14:20' --reason 'to replay it'
  leasehold dead evidence --all-matching --error-class NETWORK_TIMEOUT --since 2h \\
      --reference OPS-17 --note 'the provider was down until 14:20' --reason 'to replay them' --yes

A replay needs evidence on what the job died of last. It can be attached while a letter is open
or escalated.")]
pub(crate) struct Attach {
    #[command(flatten)]
    targets: Targets,
    /// Where it can be read: a ticket, a link
    #[arg(long, value_name = "TEXT")]
    reference: EvidenceReference,
    /// What was found
    #[arg(long, value_name = "TEXT")]
    note: EvidenceNote,
    #[command(flatten)]
    why: Why,
}

pub(super) async fn run(desk: &Desk, options: &Attach) -> Result<Answer, Failure> {
    let evidence = Evidence {
        reference: options.reference.clone(),
        note: options.note.clone(),
    };
    change::run(
        desk,
        &options.targets,
        &Verb::Attach(evidence),
        &options.why,
    )
    .await
}
