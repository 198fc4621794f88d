//! `pressure`: W6, claims under a steady load while another session holds on to an old snapshot.

mod holder;
mod minute;
mod swell;
mod turn;

use std::time::Duration;

use crate::arguments::Options;
use crate::case::Case;
use crate::record::{CaseRecord, Entry};
use crate::table::{lines, percent, thousands, verdict};
use crate::target::Target;
use crate::venue::Engine;

pub(crate) use minute::Minute;
use turn::Turn;

/// Jobs that come each second, one per call.
const RATE: u32 = 1_500;
/// So much of it is to be worked off meanwhile; what is under way at the end is the rest.
const HELD: f64 = 0.99;
/// How much slower 99 of 100 claims may be in the last minute than in the first.
const GROWTH: f64 = 3.0;

const HEADINGS: [&str; 9] = [
    "",
    "jobs/s",
    "spread",
    "p99 ms, first minute",
    "last minute",
    "ratio",
    "dead rows",
    "MiB",
    "target",
];

/// The case of one database.
pub(crate) fn cases(engine: Engine, options: &Options) -> Vec<Case> {
    let minutes = options.minutes();
    let lasts = Duration::from_secs(60) * minutes;
    let baseline = "nobody looks on";
    let target = Target {
        rate: Some(f64::from(RATE) * HELD),
        growth: Some(GROWTH),
        ..Target::default()
    };
    let title = format!("{RATE} jobs/s for {minutes} minutes");
    let turn = |is_held| Turn { lasts, is_held };
    vec![
        Case::new(engine, "W6", title, baseline)
            .with(baseline, None, turn(false))
            .with("a snapshot is held", Some(target), turn(true)),
    ]
}

/// One line per contestant.
pub(crate) fn table(cases: &[&CaseRecord]) -> String {
    lines(HEADINGS, cases, line)
}

fn line(case: &CaseRecord, entry: &Entry) -> Vec<String> {
    let figures = case.figures(entry);
    // Of the last round: minutes of different rounds are not to be mixed.
    let minutes = entry
        .samples
        .last()
        .map_or(&[][..], |sample| &sample.minutes);
    let of = |minute: Option<&Minute>, pick: fn(&Minute) -> Option<String>| {
        minute.and_then(pick).unwrap_or_default()
    };
    let p99 = |minute: &Minute| Some(format!("{:.2}", minute.latency?.p99_ms));
    vec![
        entry.name.clone(),
        thousands(figures.rate),
        percent(figures.spread),
        of(minutes.first(), p99),
        of(minutes.last(), p99),
        figures
            .growth
            .map_or_else(String::new, |growth| format!("{growth:.2}")),
        of(minutes.last(), |minute| {
            Some(thousands(minute.dead_rows? as f64))
        }),
        of(minutes.last(), |minute| Some(format!("{:.0}", minute.mib))),
        verdict(entry, &figures),
    ]
}
