//! `store`: all cases, one after the other.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::arguments::StoreOptions;
use crate::case::Case;
use crate::machine::{self, Machine};
use crate::record::Record;
use crate::report;
use crate::venue::{Engine, Venue};
use crate::workload::{bulk, depth, drain, enqueue, memory, pickup};

const WORKLOADS: [&str; 6] = ["W1", "W2", "W3", "W4", "W5", "memory"];

/// Measures what was asked for, prints it, and keeps it if a file was named.
pub(crate) async fn run(options: StoreOptions) -> Result<()> {
    if let Some(workload) = &options.workload
        && !WORKLOADS.contains(&workload.as_str())
    {
        bail!("there is no workload `{workload}`: choose from {WORKLOADS:?}");
    }
    let engines: Vec<Engine> = Engine::ALL
        .into_iter()
        .filter(|engine| options.only.is_none_or(|only| only == *engine))
        .collect();
    let venue = Venue::open(engines.contains(&Engine::Postgres))?;
    let mut record = Record {
        command: options.command(),
        commit: commit(),
        at: humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string(),
        rounds: options.rounds(),
        machine: Machine::survey(&venue)?,
        cases: Vec::new(),
        plans: Vec::new(),
    };
    for engine in engines {
        for case in cases(engine, &options) {
            record.cases.push(case.run(&venue, options.rounds()).await?);
        }
        if options.is_whole() {
            let plans = memory::plans(&venue, engine).await?;
            record.plans.extend(plans);
        }
    }
    record.machine.load.1 = machine::load();
    println!("{}", report::summary(&record));
    if let Some(file) = &options.json {
        let text = serde_json::to_string_pretty(&record)?;
        std::fs::write(file, text + "\n").with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(())
}

fn cases(engine: Engine, options: &StoreOptions) -> Vec<Case> {
    let mut cases = enqueue::cases(engine, options.quick);
    cases.extend(bulk::cases(engine));
    cases.extend(drain::cases(engine, options.quick));
    cases.extend(pickup::cases(engine, options.quick));
    cases.extend(depth::cases(engine, options.quick));
    cases.extend(memory::cases(engine, options.quick));
    if let Some(wanted) = &options.workload {
        cases.retain(|case| case.workload() == wanted);
    }
    if let Some(text) = &options.contestant {
        cases.iter_mut().for_each(|case| case.keep(text));
    }
    cases
}

/// Which version this is.
fn commit() -> String {
    let described = Command::new("git")
        .args(["describe", "--always", "--dirty"])
        .current_dir(crate::plan::workspace())
        .output();
    match described {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => "an unknown commit".to_owned(),
    }
}
