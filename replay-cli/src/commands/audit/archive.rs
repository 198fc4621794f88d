//! `leasehold audit archive`

use std::path::PathBuf;

use clap::Args;
use queue_ops::archive::archive_audit;
use serde::Serialize;

use super::chain;
use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::report::{self, Sheet};
use crate::table::Cell;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold audit archive --before 365d --out audit-2025.jsonl --sign-key credential:audit-key \\
    --reason 'a year is kept here'
  leasehold audit archive --before 2026-01-01 --out /archive/audit-2025.jsonl \\
    --sign-key file:/etc/leasehold/audit.pem --reason OPS-17

Writes and signs what goes, verifies the file that it wrote, stores the checkpoint, and only then removes
the records, page by page. Interrupted, give the same command again. What is left begins with the
checkpoint and verifies by itself; the file verifies by `leasehold audit verify FILE`. Keep it: it is the
only copy.")]
pub(crate) struct Archive {
    /// Records from before then: a span back from now, or a moment in UTC
    #[arg(long, value_name = "WHEN")]
    before: Moment,
    /// The file to write, readable by its owner only
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The key that signs: file:/path, credential:name or env:NAME
    #[arg(long, value_name = "SOURCE")]
    sign_key: String,
    /// A key of before whose seal counts, besides the one that signs; may be given several times
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
    #[command(flatten)]
    why: Why,
}

#[derive(Debug, Serialize)]
struct ArchiveItem {
    file: String,
    first: Option<i64>,
    last: Option<i64>,
    removed: u64,
    stopped: bool,
}

pub(super) async fn run(desk: &Desk, options: &Archive) -> Result<Answer, Failure> {
    let key = chain::key(&options.sign_key)?;
    let act = options.why.act()?;
    let (store, style) = desk.store_and_style().await?;
    let keys = chain::keyring(Some(&key), &options.public_key)?;
    chain::check_seal(store.audit_seal().await?.as_ref(), keys.as_ref())?;
    let before = options.before.resolve(store.now().await?);
    desk.stop.be_careful();
    desk.will_change("leasehold audit list --action audit.archive");
    let go_on = || desk.stop.asked().is_none();
    let done = archive_audit(store, before, &options.out, &key, &act, go_on).await?;
    let item = ArchiveItem {
        file: options.out.display().to_string(),
        first: done.records.map(|(first, _)| first),
        last: done.records.map(|(_, last)| last),
        removed: done.removed,
        stopped: done.stopped,
    };
    let sheet = Sheet::default()
        .maybe("first", item.first, Cell::number)
        .maybe("last", item.last, Cell::number)
        .field("removed", Cell::number(item.removed));
    let mut answer = report::show(desk, style, "audit archive", &item, &sheet)?;
    let name = &item.file;
    answer = match done.records {
        Some((first, last)) => answer.note(format!("records {first} to {last} are in {name}")),
        None => answer.note("there is nothing new to archive"),
    };
    if let Some(signal) = desk.stop.asked().filter(|_| done.stopped) {
        answer.exit = signal.exit();
        answer = answer.note(format!(
            "{signal}; what is archived is not all removed yet: the same command goes on"
        ));
    }
    Ok(answer)
}
