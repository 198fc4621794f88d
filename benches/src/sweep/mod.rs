//! `sweep`: what the daemon costs, while there is very much to do for it and while there is nothing.

mod claims;
mod idle;

use crate::case::Case;
use crate::record::{CaseRecord, Entry};
use crate::table::{lines, percent, thousands, verdict};
use crate::venue::Engine;

pub(crate) use idle::daemon;

const HEADINGS: [&str; 8] = [
    "", "claims/s", "spread", "p50 ms", "p99 ms", "MiB", "CPU %", "target",
];

/// All cases of one database.
pub(crate) fn cases(engine: Engine, quick: bool) -> Vec<Case> {
    vec![claims::case(engine, quick), idle::case(engine, quick)]
}

/// One line per contestant.
pub(crate) fn table(cases: &[&CaseRecord]) -> String {
    lines(HEADINGS, cases, line)
}

fn line(case: &CaseRecord, entry: &Entry) -> Vec<String> {
    let figures = case.figures(entry);
    let shown = |value: Option<f64>, digits: usize| {
        value.map_or_else(String::new, |value| format!("{value:.digits$}"))
    };
    let (rate, spread) = match figures.p50_ms {
        Some(_) => (thousands(figures.rate), percent(figures.spread)),
        None => (String::new(), String::new()),
    };
    vec![
        entry.name.clone(),
        rate,
        spread,
        shown(figures.p50_ms, 2),
        shown(figures.p99_ms, 2),
        shown(figures.peak_mib, 1),
        shown(figures.cpu_percent, 2),
        verdict(entry, &figures),
    ]
}
