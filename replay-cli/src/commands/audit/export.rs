//! `leasehold audit export`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use queue_core::{AuditVerifier, ExportFormat, ExportHeader, ExportItem, Seal, Store};
use queue_ops::{AuditKey, Draft, Exit};
use serde::Serialize;

use super::chain;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Sheet};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold audit export --out audit.jsonl --sign-key file:/etc/leasehold/audit.pem
  leasehold audit export --out audit.csv --format csv --sign-key credential:audit-key
  leasehold audit export --out - --since-seq 1042

The trail is verified while it is written. One that is broken is not exported, nor one that begins
behind an archive whose seal none of the keys has signed (6); without a key it is said that nobody
has checked it. The file is there whole or not at all, is readable by its owner only, and replaces
none. --json tells of the file; what goes to standard output is the export, and nothing else.")]
pub(crate) struct Export {
    /// The file to write, or - for standard output
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Form::Jsonl)]
    format: Form,
    /// Only from the record of this number on; else all that is not archived yet
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    since_seq: Option<i64>,
    /// Sign the end with this key: file:/path, credential:name or env:NAME
    #[arg(long, value_name = "SOURCE")]
    sign_key: Option<String>,
    /// A key whose seal counts, besides the one that signs; may be given several times
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A JSON object per line
    Jsonl,
    /// Comma-separated values
    Csv,
}

impl Form {
    fn format(self) -> ExportFormat {
        match self {
            Self::Jsonl => ExportFormat::JsonLines,
            Self::Csv => ExportFormat::Csv,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }
}

/// An export that is there.
#[derive(Debug, Serialize)]
struct ExportedItem {
    file: String,
    format: &'static str,
    first: i64,
    /// None is a file without records.
    last: Option<i64>,
    signed: bool,
}

pub(super) async fn run(desk: &Desk, options: &Export) -> Result<Answer, Failure> {
    let key = options.sign_key.as_deref().map(chain::key).transpose()?;
    let store = desk.store().await?;
    let seal = store.audit_seal().await?;
    let keys = chain::keyring(key.as_ref(), &options.public_key)?;
    let unchecked = chain::check_seal(seal.as_ref(), keys.as_ref())?;
    let first = first(options, seal.as_ref())?;
    let part = Part {
        first,
        seal: seal.filter(|seal| seal.checkpoint().seq == first - 1),
        key,
    };
    if options.out.as_os_str() == "-" {
        let mut text = String::new();
        let write = |part: &str| {
            text.push_str(part);
            Ok(())
        };
        write_all(store, options, &part, write).await?;
        let answer = Answer::done(text);
        return Ok(unchecked.into_iter().fold(answer, Answer::note));
    }
    let mut draft = Draft::begin(&options.out)?;
    let last = write_all(store, options, &part, |text| Ok(draft.write(text)?)).await?;
    draft.finish()?;
    let item = ExportedItem {
        file: options.out.display().to_string(),
        format: options.format.as_str(),
        first,
        last: (last >= first).then_some(last),
        signed: part.key.is_some(),
    };
    let name = &item.file;
    let told = match item.last {
        None => format!("there is no record from {first} on; {name} has none"),
        Some(last) => format!("records {first} to {last} are in {name}"),
    };
    let answer = report::show(desk, desk.style, "audit export", &item, &Sheet::default())?;
    let answer = answer.note(told);
    Ok(unchecked.into_iter().fold(answer, Answer::note))
}

/// What of the trail is exported.
struct Part {
    first: i64,
    /// What it begins behind, where that is an archive.
    seal: Option<Seal>,
    key: Option<AuditKey>,
}

fn first(options: &Export, seal: Option<&Seal>) -> Result<i64, Failure> {
    let left = Seal::begins(seal);
    match (options.since_seq, seal) {
        (Some(wanted), Some(seal)) if wanted < left => Err(Failure::new(
            Exit::Refused,
            format!(
                "records up to {} are in the archive {}; give --since-seq {left} or more",
                left - 1,
                seal.archive()
            ),
        )),
        (wanted, _) => Ok(wanted.unwrap_or(left)),
    }
}

/// Writes all of it, and returns the number of the last record.
async fn write_all(
    store: &dyn Store,
    options: &Export,
    part: &Part,
    mut write: impl FnMut(&str) -> Result<(), Failure>,
) -> Result<i64, Failure> {
    let (format, first) = (options.format.format(), part.first);
    write(&ExportHeader::new(store.id().to_string(), first).text(format))?;
    let mut verifier = match &part.seal {
        None => AuditVerifier::new(store.id().to_string(), first),
        Some(seal) => {
            write(&ExportItem::Checkpoint(seal.checkpoint().clone()).text(format))?;
            chain::verifier(store, Some(seal))?
        }
    };
    chain::each(store, first, |record| {
        verifier
            .record(&record)
            .map_err(|fault| chain::broken(&fault))?;
        write(&ExportItem::Record(record).text(format))
    })
    .await?;
    let report = verifier.finish().map_err(|fault| chain::broken(&fault))?;
    if let Some(key) = &part.key {
        let checkpoint = chain::signed(store, &report, key).await?;
        write(&ExportItem::Checkpoint(checkpoint).text(format))?;
    }
    Ok(report.last)
}
