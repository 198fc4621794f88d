//! The closing report.

use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::{Value, json};

use crate::expectation::Expectation;
use crate::kills::Kills;
use crate::ledger::{Ledger, Totals};
use crate::voice::say;

/// What is said at the end.
pub(crate) struct Report<'r> {
    pub(crate) ledger: &'r Ledger,
    pub(crate) totals: &'r Totals,
    pub(crate) kills: &'r Kills,
    pub(crate) expectations: &'r [Expectation],
    pub(crate) took: Duration,
}

impl Report<'_> {
    pub(crate) fn print(&self) {
        let totals = self.totals;
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        if let Some((width, _)) = terminal_size::terminal_size() {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width.0);
        }
        section(&mut table, "jobs", &totals.jobs);
        row(
            &mut table,
            "findings that people were told of",
            totals.findings,
        );
        row(&mut table, "  that could not be used", totals.dropped);
        section(
            &mut table,
            "diagnostics of the model's answers",
            &totals.diagnostics,
        );
        section(&mut table, "notifications", &totals.notifications);
        row(&mut table, "  different mails that arrived", totals.mails);
        section(&mut table, "dead letters", &totals.dead_letters);
        self.cost_rows(&mut table);
        if let Some(numbers) = table.column_mut(1) {
            numbers.set_cell_alignment(CellAlignment::Right);
        }
        say(format_args!("\n{table}\n"));
        for expectation in self.expectations {
            let mark = if expectation.holds() { "✓" } else { "✗" };
            say(format_args!("{mark} {}", expectation.what));
            for broken in expectation.broken.iter().take(5) {
                say(format_args!("    {broken}"));
            }
        }
        say(format_args!("\nIt took {:.1} s.", self.took.as_secs_f64()));
    }

    /// What of all this is because of kills, and is another number each time.
    pub(crate) fn cost(&self) -> Value {
        json!({
            "held": self.kills.worker.as_ref().map_or(0, |killed| killed.held.len()),
            "killed": self.kills.drawn,
            "twice": self.mails_twice(),
            "started_again": self.ledger.started_again(),
        })
    }

    fn mails_twice(&self) -> usize {
        self.ledger.mails.len() - self.totals.mails
    }

    fn cost_rows(&self, table: &mut Table) {
        table.add_row(["what the kill cost", ""]);
        if let Some(killed) = &self.kills.worker {
            row(
                table,
                "  reviews in the hands of the worker",
                killed.held.len(),
            );
            if let Some(end) = self.ledger.last_end(&killed.held) {
                let waited = format!("{:.1} s", end.since(killed.at).as_secs_f64());
                row(table, "  until the last of them had ended", waited);
            }
        }
        if self.kills.drawn > 0 {
            row(table, "  processes killed besides", self.kills.drawn);
        }
        row(table, "  mails that came twice", self.mails_twice());
        let again = self.ledger.started_again();
        row(
            table,
            "  claims beside the first of each, failures included",
            again,
        );
    }
}

fn section<K: std::fmt::Display>(
    table: &mut Table,
    what: &str,
    counts: &std::collections::BTreeMap<K, usize>,
) {
    table.add_row([what, ""]);
    for (key, count) in counts {
        row(table, &format!("  {key}"), count);
    }
}

fn row(table: &mut Table, what: &str, value: impl std::fmt::Display) {
    table.add_row([what.to_owned(), value.to_string()]);
}
