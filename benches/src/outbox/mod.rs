//! `outbox`: what a deliverer sends per second from a full outbox, as mail and as webhooks, beside
//! programs that send the same to the same far side and keep no books.

mod bare;
mod books;
mod counted;
mod delivery;
mod mail;
mod receiver;
mod webhooks;

use crate::case::Case;
use crate::record::{Call, Calls, CaseRecord, Entry};
use crate::statistics::median;
use crate::table::{lines, percent, thousands, verdict};
use crate::venue::Engine;

pub(crate) use receiver::receive;

/// All cases of one database.
pub(crate) fn cases(engine: Engine, quick: bool) -> Vec<Case> {
    let mut cases = mail::cases(engine, quick);
    cases.extend(webhooks::cases(engine, quick));
    cases
}

const HEADINGS: [&str; 8] = [
    "",
    "messages/s",
    "spread",
    "leases",
    "phases",
    "marks",
    "ratio",
    "target",
];

/// As the table of the other cases, with the calls of the store per 1,000 messages.
pub(crate) fn table(cases: &[&CaseRecord]) -> String {
    lines(HEADINGS, cases, line)
}

fn line(case: &CaseRecord, entry: &Entry) -> Vec<String> {
    let figures = case.figures(entry);
    let per_thousand = |pick: fn(&Calls) -> Call| {
        let samples = entry.samples.iter();
        let counts: Vec<f64> = samples
            .filter_map(|sample| {
                let count = pick(sample.calls.as_ref()?).count;
                Some(count as f64 * 1000.0 / sample.jobs as f64)
            })
            .collect();
        median(&counts).map_or_else(String::new, |count| format!("{count:.0}"))
    };
    let ratio = figures.ratio.map(|ratio| format!("{ratio:.2}"));
    vec![
        entry.name.clone(),
        thousands(figures.rate),
        percent(figures.spread),
        per_thousand(|calls| calls.lease),
        per_thousand(|calls| calls.note),
        per_thousand(|calls| calls.mark),
        ratio.unwrap_or_default(),
        verdict(entry, &figures),
    ]
}
