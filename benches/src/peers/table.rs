//! Tables of the comparison.

use crate::record::{CaseRecord, Entry};
use crate::table::{lines, percent, thousands, verdict};

use super::program::Absence;

const HEADINGS: [&str; 8] = [
    "",
    "jobs/s",
    "spread",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "× best peer",
    "target",
];

/// One line per contestant; ratios are to the best of the peers.
pub(crate) fn table(cases: &[&CaseRecord]) -> String {
    lines(HEADINGS, cases, line)
}

fn line(case: &CaseRecord, entry: &Entry) -> Vec<String> {
    let mut cells = vec![entry.name.clone()];
    if entry.samples.is_empty() {
        cells.resize(HEADINGS.len() - 1, String::new());
        cells.push(failure(entry));
        return cells;
    }
    let figures = case.figures(entry);
    let ms = |value: Option<f64>| value.map_or_else(String::new, |ms| format!("{ms:.2}"));
    let ratio = figures.ratio;
    cells.extend([
        thousands(figures.rate),
        percent(figures.spread),
        ms(figures.p50_ms),
        ms(figures.p95_ms),
        ms(figures.p99_ms),
        ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
        match entry.failed.is_some() {
            true => failure(entry),
            false => verdict(entry, &figures),
        },
    ]);
    cells
}

/// In one line; all of it is in the file.
fn failure(entry: &Entry) -> String {
    let reason = entry.failed.as_deref().unwrap_or_default();
    let line: String = reason
        .chars()
        .map(|c| if c == '\n' || c == '|' { ' ' } else { c })
        .take(120)
        .collect();
    format!("failed: {line}")
}

/// Who did not take part, and why.
pub(crate) fn absences(absent: &[Absence]) -> String {
    let lines: Vec<String> = absent
        .iter()
        .map(|absence| {
            format!(
                "- **{} did not take part**: {}\n",
                absence.name, absence.reason
            )
        })
        .collect();
    lines.concat()
}
