//! `leasehold replay plan`

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use queue_core::{
    Act, Actor, Evidence, EvidenceNote, EvidenceReference, JobId, JobSet, KindName, LetterChange,
    Store, StoreError,
};
use queue_ops::Exit;
use queue_ops::replay::{Draft, Kinds};

use super::file;
use super::progress::Progress;
use super::summary::Summary;
use crate::act::{self, reason};
use crate::answer::{Answer, Failure};
use crate::commands::contract;
use crate::commands::dead::Filter;
use crate::desk::Desk;
use crate::report;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold replay plan --error-class NETWORK_TIMEOUT --since 2h --out plan.json
  leasehold replay plan --error-class NETWORK_TIMEOUT --since 2h --out plan.json \\
      --attach-evidence OPS-17 --note 'the provider was down until 14:20' --reason 'to replay them'
  leasehold replay plan --kind charge --contract charge=charge.json --out plan.json

Nothing is replayed by that. The plan names each letter as it is now; what changes until it is
applied is left out then. It is only made where there is evidence on what each job died of last.")]
pub(crate) struct Plan {
    #[command(flatten)]
    filter: Filter,
    /// The file to write; it must not be there yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    /// Attach this evidence to each letter that has none: a ticket, a link
    #[arg(long, value_name = "REFERENCE", requires = "reason")]
    attach_evidence: Option<EvidenceReference>,
    /// What was found; the reason unless it is said
    #[arg(long, value_name = "TEXT", requires = "attach_evidence")]
    note: Option<EvidenceNote>,
    /// Why the evidence is attached; it is kept in the audit trail
    #[arg(long, value_name = "TEXT", value_parser = reason, requires = "attach_evidence")]
    reason: Option<String>,
    /// Who; the user of the operating system unless it is said
    #[arg(
        long,
        value_name = "NAME",
        env = "LEASEHOLD_ACTOR",
        hide_env_values = true
    )]
    actor: Option<Actor>,
    /// The kinds that services work on: letters of others are unsafe
    #[arg(long, value_name = "KIND,...", value_delimiter = ',')]
    known_kinds: Vec<KindName>,
    /// The contract of a kind: letters whose payload does not keep it are unsafe
    #[arg(long, value_name = "KIND=FILE")]
    contract: Vec<KindContract>,
    /// Let finished stages run again
    #[arg(long)]
    from_start: bool,
}

/// How many letters get evidence in one transaction.
const AT_A_TIME: usize = 500;

/// The contract of a kind, as it is given.
#[derive(Debug, Clone)]
struct KindContract {
    kind: KindName,
    file: PathBuf,
}

impl FromStr for KindContract {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, file) = text
            .split_once('=')
            .ok_or("write a kind and the file of its contract, such as charge=charge.json")?;
        let kind = kind
            .parse()
            .map_err(|error: queue_core::InvalidName| error.to_string())?;
        Ok(Self {
            kind,
            file: file.into(),
        })
    }
}

pub(super) async fn run(desk: &Desk, options: &Plan) -> Result<Answer, Failure> {
    file::check_free(&options.out, options.force)?;
    file::check_folder(&options.out)?;
    let actor = act::actor(options.actor.as_ref())?;
    let kinds = kinds(options)?;
    let (store, style) = desk.store_and_style().await?;
    let filter = options.filter.resolve(store.now().await?)?;
    let mut draft = Draft::gather(store, filter).await?;
    if draft.letters().is_empty() {
        return Err(Failure::not_found(
            "no letter that is open or escalated is let through; `leasehold dead list` shows what there is",
        ));
    }
    let mut attached = 0;
    if let Some(evidence) = evidence(options)? {
        let lacking = draft.lacking();
        let act = Act::new(actor.clone(), options.reason.clone().unwrap_or_default());
        attached = attach(desk, store, &lacking, &evidence, &act).await?;
        draft = draft.renewed(store).await?;
    }
    let (lacking, all) = (draft.lacking().len(), draft.letters().len());
    if lacking > 0 {
        return Err(Failure::new(
            Exit::Refused,
            format!(
                "{lacking} of {all} letters have no evidence on what they died of last: attach it by \
                 `leasehold dead evidence`, or give --attach-evidence REFERENCE --reason TEXT"
            ),
        ));
    }
    let plan = draft.plan(store, &kinds, actor, options.from_start).await?;
    file::write(&options.out, &plan.to_text(), options.force)?;
    let summary = Summary::of(&plan);
    let answer = report::show(desk, style, "replay plan", &summary, &summary.sheet())?;
    let answer = if attached > 0 {
        answer.note(format!("evidence was attached to {attached} letters"))
    } else {
        answer
    };
    let path = options.out.display();
    Ok(answer.note(format!(
        "the plan is in {path}; `leasehold replay apply {path} --reason …` applies it"
    )))
}

fn kinds(options: &Plan) -> Result<Kinds, Failure> {
    let mut kinds = Kinds::default();
    if !options.known_kinds.is_empty() {
        kinds = kinds.known(options.known_kinds.iter().cloned());
    }
    for KindContract { kind, file } in &options.contract {
        kinds = kinds.contract(kind.clone(), contract::read(file)?);
    }
    Ok(kinds)
}

fn evidence(options: &Plan) -> Result<Option<Evidence>, Failure> {
    let (Some(reference), Some(reason)) = (&options.attach_evidence, &options.reason) else {
        return Ok(None);
    };
    let note = match &options.note {
        Some(note) => note.clone(),
        None => EvidenceNote::new(reason).map_err(|error| Failure::usage(error.to_string()))?,
    };
    let reference = reference.clone();
    Ok(Some(Evidence { reference, note }))
}

/// To some at a time; how many took it. What is no longer waiting is left out of the plan.
async fn attach(
    desk: &Desk,
    store: &dyn Store,
    jobs: &[JobId],
    evidence: &Evidence,
    act: &Act,
) -> Result<usize, Failure> {
    desk.stop.be_careful();
    desk.will_change("leasehold dead list");
    let (mut attached, mut asked, all) = (0, 0, jobs.len());
    let mut progress = Progress::new(desk);
    for some in jobs.chunks(AT_A_TIME) {
        if let Some(signal) = desk.stop.asked() {
            progress.end();
            return Err(Failure::new(
                signal.exit(),
                format!(
                    "{signal} when evidence was attached to {attached} of {all} letters; no plan was \
                     written; the same command again goes on"
                ),
            ));
        }
        let set = JobSet::new(some.to_vec()).map_err(StoreError::from)?;
        let changes = store
            .attach_evidence_to(&set, evidence.clone(), act)
            .await?;
        let took = |change: &&LetterChange| matches!(change, LetterChange::Applied { .. });
        attached += changes.iter().filter(took).count();
        asked += some.len();
        if asked < all {
            let line = format!("evidence is attached to {attached} of {all} letters");
            progress.say(&line, false);
        }
    }
    progress.end();
    Ok(attached)
}
