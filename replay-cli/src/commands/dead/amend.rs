//! `leasehold dead amend`

use std::path::{Path, PathBuf};

use clap::Args;
use queue_core::contract::ReadContext;
use queue_core::{
    Amended, CORRELATION_ID, DEFAULT_PAYLOAD_LIMIT, DeadLetter, JSON, JobId, Payload,
};
use queue_ops::Exit;
use serde_json::value::RawValue;

use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::commands::contract;
use crate::desk::Desk;
use crate::report::{self, Change, ChangeKind};
use crate::{ids, input};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold dead show 1042 --payload --json | jq .item.job.payload.content > payload.json
  leasehold dead amend 1042 --payload payload.json --contract order.json --reason 'order 7, OPS-17'

What the job was enqueued with stays with the letter. The new payload has the type and the schema
version of the old one. The contract is that of the job's kind: what it rejects is not stored, what
it puts right is stored as put right.")]
pub(crate) struct Amend {
    /// The id of the job
    #[arg(value_parser = ids::job)]
    job: JobId,
    /// The file of the new payload; `-` is standard input
    #[arg(long, value_name = "FILE")]
    payload: PathBuf,
    /// The contract that the new payload has to keep
    #[arg(long, value_name = "FILE")]
    contract: Option<PathBuf>,
    /// Only if the letter has this version still
    #[arg(long, value_name = "N")]
    version: Option<i64>,
    #[command(flatten)]
    why: Why,
}

pub(super) async fn run(desk: &Desk, options: &Amend) -> Result<Answer, Failure> {
    let act = options.why.act()?;
    let job = options.job;
    let contract = options.contract.as_deref().map(contract::read);
    let contract = contract.transpose()?;
    let bytes = input::document(Some(&options.payload), DEFAULT_PAYLOAD_LIMIT)?;
    let store = desk.store().await?;
    let Some(letter) = store.dead_letter(job).await? else {
        let command = format!("`leasehold job show {job}` shows what became of it");
        return Err(Failure::not_found(format!(
            "job {job} is no dead letter; {command}"
        )));
    };
    let bytes = match &contract {
        Some(contract) => put_right(contract, bytes, &letter, &options.payload)?,
        None => bytes,
    };
    let payload = like(&letter.job.payload, bytes, &options.payload)?;
    let version = options.version.unwrap_or(letter.version);
    desk.will_change(format!("leasehold dead show {job}"));
    let amended = store.amend(job, version, payload, &act).await?;
    report::changes(desk, "dead amend", &[told(job, amended)], false)
}

/// As the contract of its kind takes it.
fn put_right(
    contract: &queue_core::contract::Contract,
    bytes: Vec<u8>,
    letter: &DeadLetter,
    path: &Path,
) -> Result<Vec<u8>, Failure> {
    let mut context = ReadContext::new();
    if let Some(id) = letter.job.headers.get(CORRELATION_ID) {
        context = context.correlation_id(id);
    }
    let read = contract.read(bytes, &context).into_result();
    read.map(Into::into).map_err(|rejection| {
        let message = format!(
            "{} is rejected by its contract: {rejection}; `leasehold contract check` shows all of it",
            path.display()
        );
        Failure::new(Exit::Rejected, message)
    })
}

/// A payload of the type and version of the one that it takes the place of.
fn like(old: &Payload, bytes: Vec<u8>, path: &Path) -> Result<Payload, Failure> {
    let invalid = |why: String| {
        let message = format!("{} cannot be its payload: {why}", path.display());
        Failure::new(Exit::Data, message)
    };
    if old.content_type() == JSON {
        serde_json::from_slice::<&RawValue>(&bytes)
            .map_err(|error| invalid(format!("the job's payload is JSON, and {error}")))?;
    }
    let payload = Payload::new(bytes, old.content_type());
    let payload = payload.map_err(|error| invalid(error.to_string()))?;
    Ok(payload.version(old.schema_version()))
}

fn told(job: JobId, amended: Amended) -> Change {
    let (kind, detail) = match amended {
        Amended::Applied { version } => (ChangeKind::Made, format!("version {version}")),
        Amended::Changed { version } => (ChangeKind::Refused, format!("it has version {version}")),
        Amended::Refused { state } => (ChangeKind::Refused, format!("it is {state}")),
        Amended::NotFound => (ChangeKind::NotFound, "it is no dead letter".to_owned()),
    };
    Change::new(format!("job:{job}"), kind, amended.code(), detail)
}
