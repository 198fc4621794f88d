//! `store`, `worker`, `outbox`, `letters`, `sweep`, `pressure` and `peers`: all cases, one after the other.

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::arguments::Options;
use crate::case::Case;
use crate::letters;
use crate::machine::{self, Machine};
use crate::outbox;
use crate::peers::{self, Programs};
use crate::pressure;
use crate::record::Record;
use crate::report;
use crate::sweep;
use crate::venue::{Engine, Venue};
use crate::workload::{bulk, depth, drain, enqueue, memory, pickup, worker};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Subject {
    /// The stores by themselves.
    #[default]
    Store,
    /// The worker on each of them.
    Worker,
    /// The deliverer on each of them.
    Outbox,
    /// Dead letters, very many of them.
    Letters,
    /// The daemon: claims while very many leases are swept, and nothing to do.
    Sweep,
    /// Claims while another session holds on to an old snapshot.
    Pressure,
    /// Other queues, and ours beside them.
    Peers,
}

impl Subject {
    /// What to type for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Worker => "worker",
            Self::Outbox => "outbox",
            Self::Letters => "letters",
            Self::Sweep => "sweep",
            Self::Peers => "peers",
            Self::Pressure => "pressure",
        }
    }

    /// How often each contestant has its turn.
    fn rounds(self, options: &Options) -> u32 {
        match self {
            // A turn takes minutes, and its first is what its last is held against.
            Self::Pressure => options.rounds.unwrap_or(1),
            _ => options.rounds(),
        }
    }

    fn workloads(self) -> &'static [&'static str] {
        match self {
            Self::Store => &["W1", "W2", "W3", "W4", "W5", "memory"],
            Self::Worker => &["W3", "W4", "W5"],
            Self::Outbox => &["mail", "webhooks"],
            Self::Letters => &["lists", "replay"],
            Self::Sweep => &["claims", "idle"],
            Self::Pressure => &["W6"],
            Self::Peers => &["W1", "W2", "W3", "W4", "W5"],
        }
    }
}

/// Measures what was asked for, prints it, and keeps it if a file was named.
pub(crate) async fn run(subject: Subject, options: Options) -> Result<()> {
    let record = measure(subject, &options).await?;
    println!("{}", report::summary(&record));
    if let Some(file) = &options.json {
        let text = serde_json::to_string_pretty(&record)?;
        std::fs::write(file, text + "\n").with_context(|| format!("writing {}", file.display()))?;
    }
    strictly(options.strict, &record.missed())
}

/// Measures what was asked for.
pub(crate) async fn measure(subject: Subject, options: &Options) -> Result<Record> {
    if let Some(workload) = &options.workload
        && !subject.workloads().contains(&workload.as_str())
    {
        let known = subject.workloads();
        bail!("there is no workload `{workload}`: choose from {known:?}");
    }
    let engines: Vec<Engine> = Engine::ALL
        .into_iter()
        .filter(|engine| options.only.is_none_or(|only| only == *engine))
        .collect();
    let rounds = subject.rounds(options);
    let text = options.contestant.as_deref();
    let programs = match subject {
        Subject::Peers => Programs::provide(&engines, text)?,
        _ => Programs::default(),
    };
    let venue = Venue::open(engines.contains(&Engine::Postgres))?;
    let mut record = Record {
        subject,
        command: options.command(subject),
        commit: commit(),
        at: humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string(),
        rounds,
        machine: Machine::survey(&venue)?,
        cases: Vec::new(),
        plans: Vec::new(),
        absent: programs.absent.clone(),
    };
    for engine in engines {
        for case in cases(subject, engine, options, &programs) {
            record.cases.push(case.run(&venue, rounds).await?);
        }
        if subject == Subject::Store && options.is_whole() {
            let plans = memory::plans(&venue, engine).await?;
            record.plans.extend(plans);
        }
    }
    record.machine.load.1 = machine::load();
    Ok(record)
}

/// Ends in an error if that is wanted where a target is missed. Figures are of a machine and of what else it does:
/// that is not for everybody who measures.
pub(crate) fn strictly(strict: bool, missed: &[String]) -> Result<()> {
    if strict && !missed.is_empty() {
        bail!("targets are missed:\n{}", missed.join("\n"));
    }
    Ok(())
}

fn cases(subject: Subject, engine: Engine, options: &Options, programs: &Programs) -> Vec<Case> {
    let quick = options.quick;
    let mut cases = match subject {
        Subject::Worker => worker::cases(engine, quick),
        Subject::Outbox => outbox::cases(engine, quick),
        Subject::Letters => letters::cases(engine, quick),
        Subject::Sweep => sweep::cases(engine, quick),
        Subject::Pressure => pressure::cases(engine, options),
        // Who is wanted was decided when the programs were made.
        Subject::Peers => peers::cases(engine, quick, programs),
        Subject::Store => [
            enqueue::cases(engine, quick),
            bulk::cases(engine),
            drain::cases(engine, quick),
            pickup::cases(engine, quick),
            depth::cases(engine, quick),
            memory::cases(engine, quick),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    if let Some(wanted) = &options.workload {
        cases.retain(|case| case.workload() == wanted);
    }
    if let Some(text) = &options.contestant
        && subject != Subject::Peers
    {
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
