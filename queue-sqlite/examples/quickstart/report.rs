//! The closing table, and whether it holds.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use comfy_table::{CellAlignment, Table, presets};
use queue_core::JobStore;
use queue_sqlite::SqliteStore;

use crate::{JOBS, PRODUCERS, ledger};

pub(crate) async fn print(
    store: &SqliteStore,
    path: &Path,
    finished_by_the_killed: usize,
    enqueueing: Duration,
    working: Duration,
) -> Result<()> {
    let (effects, distinct) = (ledger::effects(path)?, ledger::distinct_effects(path)?);
    let (succeeded, starts) = (ledger::succeeded(path)?, ledger::starts(path)?);
    let rate = |time: Duration| format!("{:.0}/s", JOBS as f64 / time.as_secs_f64());
    let rows = [
        (
            format!("jobs enqueued by {PRODUCERS} tasks, one call each"),
            JOBS.to_string(),
        ),
        ("  at a rate of".to_owned(), rate(enqueueing)),
        (
            "finished by worker-1 before it was killed".to_owned(),
            finished_by_the_killed.to_string(),
        ),
        (
            "finished by worker-2".to_owned(),
            ledger::finished_by(path, "worker-2")?.to_string(),
        ),
        (
            "  both, at a rate of (one commit per job)".to_owned(),
            rate(working),
        ),
        ("jobs started".to_owned(), starts.to_string()),
        (
            "  of them again, after the kill".to_owned(),
            (starts - JOBS).to_string(),
        ),
        ("jobs finished".to_owned(), succeeded.to_string()),
        ("effects written".to_owned(), effects.to_string()),
        ("  distinct".to_owned(), distinct.to_string()),
    ];
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    for (what, value) in rows {
        table.add_row([what, value]);
    }
    if let Some(numbers) = table.column_mut(1) {
        numbers.set_cell_alignment(CellAlignment::Right);
    }
    println!("\n{table}");

    ensure!(succeeded == JOBS, "{succeeded} of {JOBS} jobs are finished");
    ensure!(
        effects == JOBS && distinct == JOBS,
        "{effects} effects, {distinct} distinct, of {JOBS}"
    );
    ensure!(
        store.stats().await?.queues.is_empty(),
        "there are jobs left"
    );
    println!("\nEvery job was finished exactly once.");
    Ok(())
}
