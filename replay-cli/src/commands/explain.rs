//! `leasehold explain`: what the catalogue says of a code.

use std::fmt::{self, Write};

use clap::Args;
use queue_core::catalogue::{Entry, Example, Reason, Stage, Status};
use queue_core::{Code, ErrorClass};
use queue_ops::Exit;
use serde::Serialize;

use crate::answer::{Answer, Failure};
use crate::arguments::Layout;
use crate::output;
use crate::report::VERSION;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold explain HANDLER_PANIC
  leasehold explain --all
  leasehold explain --json busy

A code is written as it is given: HANDLER_PANIC and handler_panic would be two. Names of a
store's errors and finer reasons are found as well. Classes of errors that handlers raise are the
service's own: `leasehold dead groups` has those of dead letters.")]
pub(crate) struct Explain {
    /// The code
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) code: Option<String>,
    /// List every code, by where it arises
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) layout: Layout,
}

/// All that a word can mean.
#[derive(Debug, Serialize)]
struct Meanings {
    /// Of this form, as of all JSON.
    version: u32,
    codes: Vec<&'static Entry>,
    /// The finer reasons of this name.
    reasons: Vec<Under>,
}

/// A finer reason and the code that it is under.
#[derive(Debug, Serialize)]
struct Under {
    code: Code,
    #[serde(flatten)]
    reason: &'static Reason,
}

pub(crate) fn run(options: &Explain, json: bool) -> Result<Answer, Failure> {
    let meanings = match &options.code {
        Some(word) => meanings(word)?,
        None => Meanings {
            version: VERSION,
            codes: entries().collect(),
            reasons: Vec::new(),
        },
    };
    if json {
        return Ok(Answer::done(output::json(&meanings, options.layout)?));
    }
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = match &options.code {
        Some(word) => write_meanings(&mut text, word, &meanings),
        None => write_list(&mut text),
    };
    Ok(Answer::done(text))
}

fn entries() -> impl Iterator<Item = &'static Entry> {
    Code::all().iter().map(|code| code.entry())
}

fn meanings(word: &str) -> Result<Meanings, Failure> {
    let is_named =
        |entry: &&'static Entry| entry.code.as_str() == word || entry.short == Some(word);
    let found = Meanings {
        version: VERSION,
        codes: entries().filter(is_named).collect(),
        reasons: entries()
            .flat_map(|entry| {
                let named = entry.reasons.iter().filter(|reason| reason.name == word);
                named.map(|reason| Under {
                    code: entry.code,
                    reason,
                })
            })
            .collect(),
    };
    if !found.codes.is_empty() || !found.reasons.is_empty() {
        return Ok(found);
    }
    let message = match word.parse::<Code>() {
        Err(unknown) if unknown.near.is_none() && ErrorClass::new(word).is_ok() => format!(
            "{unknown}; `leasehold explain --all` lists them. A class of errors that a handler raises is none: what it \
             means is for the service to say; `leasehold dead groups` has those of dead letters"
        ),
        Err(unknown) => format!("{unknown}; `leasehold explain --all` lists them"),
        Ok(code) => format!("`{word}` is `{code}`, which is not told of"),
    };
    Err(Failure::new(Exit::Usage, message))
}

fn write_meanings(text: &mut String, word: &str, found: &Meanings) -> fmt::Result {
    let count = found.codes.len() + usize::from(!found.reasons.is_empty());
    if count > 1 {
        writeln!(text, "`{word}` can mean {count} things.\n")?;
    }
    for (nth, entry) in found.codes.iter().enumerate() {
        if nth > 0 {
            text.push('\n');
        }
        write_entry(text, entry)?;
    }
    if found.reasons.is_empty() {
        return Ok(());
    }
    if !found.codes.is_empty() {
        text.push('\n');
    }
    writeln!(text, "`{word}` as a finer reason under another code")?;
    let rows = found
        .reasons
        .iter()
        .map(|under| (under.code.to_string(), under.reason.meaning));
    write_rows(text, rows)
}

fn write_entry(text: &mut String, entry: &Entry) -> fmt::Result {
    writeln!(text, "{}", entry.code)?;
    writeln!(text, "  {}\n", entry.meaning)?;
    let mut rows = vec![
        (
            "Arises",
            format!("{}, since {}", entry.stage.title(), entry.since),
        ),
        ("Retry", entry.retry.described().to_owned()),
        ("Who acts", entry.responsible.described().to_owned()),
        ("What to do", entry.remedy.to_owned()),
    ];
    if let Some(short) = entry.short {
        rows.push(("As a store's error", short.to_owned()));
    }
    if let Status::Retired { since, instead } = entry.status {
        let instead = instead.map(|code| format!("; {code} is given now"));
        let gone = format!("since {since}{}", instead.unwrap_or_default());
        rows.push(("Retired", gone));
    }
    if entry.summary {
        rows.push((
            "Reason",
            "the code of the first problem that it stands for".to_owned(),
        ));
    }
    write_rows(text, rows)?;
    if !entry.reasons.is_empty() {
        text.push_str("\n  Reasons\n");
        let reasons = entry.reasons.iter();
        write_rows(text, reasons.map(|reason| (reason.name, reason.meaning)))?;
    }
    if !entry.parameters.is_empty() {
        text.push_str("\n  Parameters\n");
        let parameters = entry.parameters.iter().map(|parameter| {
            let name = format!("{} ({})", parameter.name, parameter.kind.as_str());
            (name, parameter.meaning)
        });
        write_rows(text, parameters)?;
    }
    match entry.example {
        Example::Happens(what) => writeln!(text, "\n  Example\n  {what}"),
        Example::Reads(document) => writeln!(text, "\n  Example: this is read\n  {document}"),
        _ => Ok(()),
    }
}

fn write_list(text: &mut String) -> fmt::Result {
    for (nth, stage) in Stage::ALL.into_iter().enumerate() {
        if nth > 0 {
            text.push('\n');
        }
        writeln!(text, "{}", stage.title())?;
        let of_stage = entries().filter(|entry| entry.stage == stage);
        write_rows(
            text,
            of_stage.map(|entry| (entry.code.as_str(), entry.meaning)),
        )?;
    }
    Ok(())
}

/// Names and what is said of them, in two columns.
fn write_rows<N: AsRef<str>, T: fmt::Display>(
    text: &mut String,
    rows: impl IntoIterator<Item = (N, T)>,
) -> fmt::Result {
    let rows: Vec<_> = rows.into_iter().collect();
    let width = rows.iter().map(|(name, _)| name.as_ref().len()).max();
    let width = width.unwrap_or(0);
    for (name, says) in rows {
        writeln!(text, "  {:width$}  {says}", name.as_ref())?;
    }
    Ok(())
}
