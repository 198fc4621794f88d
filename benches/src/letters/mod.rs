//! `letters`: how long lists and groups of very many dead letters take, and how long the replay of very many.

mod crowd;
mod lists;
mod replay;

use crate::case::Case;
use crate::record::{CaseRecord, Entry};
use crate::table::{lines, percent, thousands, verdict};
use crate::venue::Engine;

/// All cases of one database.
pub(crate) fn cases(engine: Engine, quick: bool) -> Vec<Case> {
    vec![lists::case(engine, quick), replay::case(engine, quick)]
}

const HEADINGS: [&str; 6] = ["", "letters/s", "spread", "p50 ms", "p99 ms", "target"];

/// As the table of the other cases; what was asked for has times, and what was gone through has a rate.
pub(crate) fn table(cases: &[&CaseRecord]) -> String {
    lines(HEADINGS, cases, line)
}

fn line(case: &CaseRecord, entry: &Entry) -> Vec<String> {
    let figures = case.figures(entry);
    let shown = |ms: Option<f64>| ms.map_or_else(String::new, |ms| format!("{ms:.1}"));
    let (rate, spread) = match figures.p50_ms {
        None => (thousands(figures.rate), percent(figures.spread)),
        Some(_) => (String::new(), String::new()),
    };
    vec![
        entry.name.clone(),
        rate,
        spread,
        shown(figures.p50_ms),
        shown(figures.p99_ms),
        verdict(entry, &figures),
    ]
}
