//! `leasehold audit checkpoint`

use std::path::PathBuf;

use clap::Args;
use queue_core::{Checkpoint, Seal};
use queue_ops::Draft;
use serde::Serialize;

use super::chain;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Sheet};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold audit checkpoint --sign-key file:/etc/leasehold/audit.pem >> /mnt/elsewhere/checkpoints
  leasehold audit checkpoint --sign-key credential:audit-key --out 2026-11-20.checkpoint

The whole trail is verified before. One that is broken is not signed, and neither is one that begins
behind an archive whose seal the key has not signed (6): give the key of that time by --public-key.
A checkpoint shows later that nothing up to it was taken away or written anew, if it was kept where
the database's owner cannot write. With --json the line is item.checkpoint; `audit verify` wants the
line itself.")]
pub(crate) struct Mark {
    /// The key: file:/path, credential:name or env:NAME
    #[arg(long, value_name = "SOURCE")]
    sign_key: String,
    /// A key of before whose seal counts, besides the one that signs; may be given several times
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
    /// The file to write, or - for standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

/// A checkpoint, and where its line was written.
#[derive(Debug, Serialize)]
struct MarkItem<'a> {
    /// None is standard output.
    file: Option<String>,
    checkpoint: &'a Checkpoint,
}

pub(super) async fn run(desk: &Desk, options: &Mark) -> Result<Answer, Failure> {
    let key = chain::key(&options.sign_key)?;
    let store = desk.store().await?;
    let seal = store.audit_seal().await?;
    let keys = chain::keyring(Some(&key), &options.public_key)?;
    chain::check_seal(seal.as_ref(), keys.as_ref())?;
    let mut verifier = chain::verifier(store, seal.as_ref())?;
    chain::each(store, Seal::begins(seal.as_ref()), |record| {
        verifier
            .record(&record)
            .map_err(|fault| chain::broken(&fault))
    })
    .await?;
    let report = verifier.finish().map_err(|fault| chain::broken(&fault))?;
    let checkpoint = chain::signed(store, &report, &key).await?;
    let line = checkpoint.line();
    let file = (options.out.as_os_str() != "-").then(|| options.out.display().to_string());
    if file.is_some() {
        let mut draft = Draft::begin(&options.out)?;
        draft.write(&line)?;
        draft.finish()?;
    }
    let item = MarkItem {
        file,
        checkpoint: &checkpoint,
    };
    let mut answer = report::show(
        desk,
        desk.style,
        "audit checkpoint",
        &item,
        &Sheet::default(),
    )?;
    if let Some(name) = &item.file {
        answer = answer.note(format!("record {} is signed in {name}", report.last));
    } else if !desk.json() {
        answer.text = line.into_bytes();
    }
    Ok(answer)
}
