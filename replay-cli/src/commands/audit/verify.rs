//! `leasehold audit verify`

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use queue_core::{
    AuditFault, AuditReport, AuditVerifier, Checkpoint, ExportError, ExportReader, Seal,
};
use queue_ops::{AuditKeyring, Exit};
use serde::Serialize;

use super::chain;
use super::list::archived;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::input;
use crate::report::{self, Sheet};
use crate::table::Cell;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold audit verify audit.jsonl --public-key audit.pem.pub
  leasehold audit verify audit.csv --public-key audit.pem.pub --checkpoint 2026-11-20.checkpoint
  leasehold audit verify --checkpoint 2026-11-20.checkpoint

A file needs no database. Without a file the trail of the database is verified. The first bad record is
named, and the code is 6. What stands behind the last checkpoint may have been cut off or written anew
unseen.")]
pub(crate) struct Verify {
    /// An export, or - for standard input; the database's own trail unless it is given
    file: Option<PathBuf>,
    /// A key whose signatures count, those of before included; with one there must be a checkpoint
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
    /// Checkpoints that were kept elsewhere, one per line
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Verified {
    whole: bool,
    first: Option<i64>,
    last: Option<i64>,
    hash: Option<String>,
    checkpoints: Option<u64>,
    signatures_checked: bool,
    vouched_up_to: Option<i64>,
    first_bad: Option<i64>,
    code: Option<&'static str>,
    detail: Option<String>,
}

pub(super) async fn run(desk: &Desk, options: &Verify) -> Result<Answer, Failure> {
    let key = chain::keyring(None, &options.public_key)?;
    let expected = expected(&options.checkpoint)?;
    let (found, sealed, notes) = match &options.file {
        Some(file) => {
            let found = in_file(file, key.as_ref(), expected).await?;
            (found, false, Vec::new())
        }
        None => in_database(desk, key.as_ref(), expected).await?,
    };
    let answer = answer(desk, key.is_some(), sealed, found)?;
    Ok(notes.into_iter().fold(answer, Answer::note))
}

fn expected(paths: &[PathBuf]) -> Result<Vec<Checkpoint>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        let name = path.display();
        let text = input::text(path)?;
        let before = found.len();
        for (n, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            found.push(Checkpoint::parse(line).map_err(|why| {
                let message = format!(
                    "{name}, line {}: it is no checkpoint ({why}); give what `leasehold audit checkpoint` wrote",
                    n + 1
                );
                Failure::new(Exit::Data, message)
            })?);
        }
        if found.len() == before {
            let message =
                format!("{name} has no checkpoint; give what `leasehold audit checkpoint` wrote");
            return Err(Failure::new(Exit::Data, message));
        }
    }
    Ok(found)
}

type Found = Result<AuditReport, AuditFault>;

fn begun<'k>(
    verifier: AuditVerifier<'k>,
    key: Option<&'k AuditKeyring>,
    expected: Vec<Checkpoint>,
) -> Result<AuditVerifier<'k>, AuditFault> {
    let mut verifier = match key {
        Some(key) => verifier.with_keys(key),
        None => verifier,
    };
    expected
        .into_iter()
        .try_for_each(|checkpoint| verifier.expect(checkpoint))?;
    Ok(verifier)
}

async fn in_file(
    path: &Path,
    key: Option<&AuditKeyring>,
    expected: Vec<Checkpoint>,
) -> Result<Found, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| {
        let message = format!("{} cannot be read: {error}", path.display());
        Failure::new(Exit::Input, message)
    };
    let from: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::new(
            File::open(path).map_err(|error| unreadable(&error))?,
        ))
    };
    let failed = |error: ExportError| match error {
        ExportError::Fault(fault) => Ok(Err(fault)),
        ExportError::Io(error) => Err(unreadable(&error)),
        other => Err(Failure::new(
            Exit::Data,
            format!("{}: {other}", path.display()),
        )),
    };
    let (header, mut items) = match ExportReader::open(from) {
        Ok(opened) => opened,
        Err(error) => return failed(error),
    };
    let mut verifier = match begun(
        AuditVerifier::new(header.database, header.first),
        key,
        expected,
    ) {
        Ok(verifier) => verifier,
        Err(fault) => return Ok(Err(fault)),
    };
    let mut count = 0_u64;
    loop {
        match items.next_item() {
            Ok(Some(item)) => {
                if let Err(fault) = verifier.item(&item) {
                    return Ok(Err(fault));
                }
            }
            Ok(None) => return Ok(verifier.finish()),
            Err(error) => return failed(error),
        }
        count += 1;
        if count.is_multiple_of(1000) {
            // A signal is heard between two records.
            tokio::task::yield_now().await;
        }
    }
}

/// What is left in the database, from its archive on, and whether there is such a one.
async fn in_database(
    desk: &Desk,
    key: Option<&AuditKeyring>,
    mut expected: Vec<Checkpoint>,
) -> Result<(Found, bool, Vec<String>), Failure> {
    let store = desk.store().await?;
    let seal = store.audit_seal().await?;
    let first = Seal::begins(seal.as_ref());
    let sealed = seal.is_some();
    let mut notes = Vec::new();
    if let Some(seal) = seal {
        notes.push(format!("{}; verify that as well", archived(&seal)));
        let given = expected.len();
        expected.retain(|checkpoint| checkpoint.seq >= first - 1);
        if expected.len() < given {
            let count = given - expected.len();
            notes.push(format!(
                "{count} of the checkpoints that were given are of archived records"
            ));
        }
        expected.insert(0, seal.checkpoint().clone());
    }
    let verifier = AuditVerifier::new(store.id().to_string(), first);
    let mut verifier = match begun(verifier, key, expected) {
        Ok(verifier) => verifier,
        Err(fault) => return Ok((Err(fault), sealed, notes)),
    };
    let mut found = None;
    chain::each(store, first, |record| {
        if found.is_none() {
            found = verifier.record(&record).err();
        }
        Ok(())
    })
    .await?;
    let found = found.map_or_else(|| verifier.finish(), Err);
    Ok((found, sealed, notes))
}

fn answer(desk: &Desk, signed: bool, sealed: bool, found: Found) -> Result<Answer, Failure> {
    let (item, sheet, notes) = match found {
        Ok(report) => whole(report, sealed),
        Err(fault) => broken(&fault, signed),
    };
    let mut answer = report::show(desk, desk.style, "audit verify", &item, &sheet)?;
    if !item.whole {
        answer.exit = Exit::Findings;
    }
    Ok(notes.into_iter().fold(answer, Answer::note))
}

fn whole(report: AuditReport, sealed: bool) -> (Verified, Sheet, Vec<String>) {
    let sheet = Sheet::default()
        .field("result", Cell::text("whole"))
        .field("first", Cell::number(report.first))
        .field("last", Cell::number(report.last))
        .maybe("hash", report.hash.as_ref(), Cell::text)
        .field("checkpoints", Cell::number(report.checkpoints))
        .maybe("vouched up to", report.vouched, Cell::number);
    let mut notes = Vec::new();
    let behind = report.vouched.map_or(report.first, |vouched| vouched + 1);
    if behind <= report.last {
        notes.push(format!(
            "no checkpoint vouches for records {behind} to {}, nor that nothing came behind them",
            report.last
        ));
    }
    if !report.signed && sealed {
        // Also where the trail has no record to compare it with.
        notes.push(chain::UNCHECKED.to_owned());
    } else if !report.signed && report.checkpoints > 0 {
        notes.push("signatures were not checked: give --public-key".to_owned());
    }
    let item = Verified {
        whole: true,
        first: Some(report.first),
        last: Some(report.last),
        hash: report.hash,
        checkpoints: Some(report.checkpoints),
        signatures_checked: report.signed,
        vouched_up_to: report.vouched,
        first_bad: None,
        code: None,
        detail: None,
    };
    (item, sheet, notes)
}

fn broken(fault: &AuditFault, signed: bool) -> (Verified, Sheet, Vec<String>) {
    let sheet = Sheet::default()
        .field("result", Cell::text("broken"))
        .field("first bad", Cell::number(fault.seq))
        .field("code", Cell::text(fault.code()))
        .field("detail", Cell::text(fault.flaw.to_string()));
    let item = Verified {
        whole: false,
        first: None,
        last: None,
        hash: None,
        checkpoints: None,
        signatures_checked: signed,
        vouched_up_to: None,
        first_bad: Some(fault.seq),
        code: Some(fault.code()),
        detail: Some(fault.flaw.to_string()),
    };
    let note = format!("error: {fault}; see `leasehold explain {}`", fault.code());
    (item, sheet, vec![note])
}
