//! `all`: every subject after the other, in one file.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::arguments::Options;
use crate::contract;
use crate::report::{self, Kept};
use crate::suite::{self, Subject};

const SUBJECTS: [Subject; 7] = [
    Subject::Store,
    Subject::Worker,
    Subject::Peers,
    Subject::Outbox,
    Subject::Letters,
    Subject::Sweep,
    Subject::Pressure,
];

/// Measures all, prints it, and keeps what there is after each: a run takes hours, and what fails in
/// its middle does not take the rest along.
pub(crate) async fn run(options: Options) -> Result<()> {
    if options.workload.is_some() || options.contestant.is_some() {
        bail!("`all` knows no --workload and no --contestant: give them to one of its parts");
    }
    let mut kept = Vec::new();
    let (mut failed, mut missed) = (Vec::new(), Vec::new());
    for subject in SUBJECTS {
        match suite::measure(subject, &options).await {
            Ok(record) => {
                println!("{}", report::summary(&record));
                missed.extend(record.missed());
                kept.push(Kept::Run(Box::new(record)));
            }
            Err(error) => {
                eprintln!("error: {}: {error:#}", subject.name());
                failed.push(subject.name());
            }
        }
        keep(options.json.as_deref(), &kept)?;
    }
    match contract::measure(contract::ROUNDS) {
        Ok(record) => {
            println!("{}", record.text());
            missed.extend(record.missed());
            kept.push(Kept::Contract(record));
        }
        Err(error) => {
            eprintln!("error: contract: {error:#}");
            failed.push("contract");
        }
    }
    keep(options.json.as_deref(), &kept)?;
    if !failed.is_empty() {
        bail!("not measured: {}; the rest is", failed.join(", "));
    }
    suite::strictly(options.strict, &missed)
}

fn keep(file: Option<&Path>, kept: &[Kept]) -> Result<()> {
    let Some(file) = file else {
        return Ok(());
    };
    let text = serde_json::to_string_pretty(kept)?;
    fs::write(file, text + "\n").with_context(|| format!("writing {}", file.display()))
}
