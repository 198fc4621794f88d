//! Dead rows, transaction ids and days: what becomes worse by itself.

use queue_core::Code;
use queue_postgres::{HorizonHolder, PostgresFacts, TableFacts};

use crate::doctor::{Finding, Severity};

/// A transaction may be open so long.
const LONG_SECONDS: f64 = 300.0;
/// Behind this it is felt.
const VERY_LONG_SECONDS: f64 = 3600.0;
/// So many transactions may begin while one is open.
const MANY: i64 = 1_000_000;
/// Behind this it is felt.
const VERY_MANY: i64 = 50_000_000;
/// Of two thousand millions. Vacuum begins at 200 million by itself.
const IDS_USED: i64 = 1_000_000_000;
const IDS_NEARLY_GONE: i64 = 1_800_000_000;
/// So many dead rows cost nothing.
const DEAD: i64 = 100_000;

pub(super) fn add(facts: &PostgresFacts, found: &mut Vec<Finding>) {
    let server = &facts.server;
    if !server.autovacuum {
        let what = "the server does not vacuum by itself (autovacuum or track_counts is off)";
        found.push(Finding::danger(Code::AutovacuumOff, what).value("off"));
    }
    let left_alone: Vec<&str> = named(facts, |table| table.unvacuumed);
    if !left_alone.is_empty() {
        let names = left_alone.join(", ");
        let what = format!("autovacuum is off for {names}");
        found.push(Finding::warning(Code::AutovacuumOff, what).value(names));
    }
    found.extend(facts.horizon.iter().filter_map(holder));
    if server.xid_age > IDS_USED {
        let severity = match server.xid_age > IDS_NEARLY_GONE {
            true => Severity::Danger,
            false => Severity::Warning,
        };
        let what = format!(
            "{} million of 2,147 million transaction ids are used",
            server.xid_age / 1_000_000
        );
        found.push(
            Finding::new(Code::WraparoundNear, severity, what).value(server.xid_age.to_string()),
        );
    }
    for table in &facts.tables {
        if table.dead > DEAD && table.dead > table.live {
            let what = format!(
                "{} has {} dead rows, and {} live ones",
                table.name, table.dead, table.live
            );
            found.push(Finding::warning(Code::DeadRows, what).value(table.dead.to_string()));
        }
    }
    if facts.idle_in_transaction_seconds == Some(0.0) {
        let what = "sessions of others may leave a transaction open for ever";
        found.push(Finding::note(Code::IdleTransactionsUnbounded, what).value("0"));
    }
    if let Some(days) = facts.days {
        if days.missing > 0 {
            let what = format!("{} of the next 3 days have no partition", days.missing);
            found.push(Finding::warning(Code::DaysMissing, what).value(days.missing.to_string()));
        }
        if days.astray > 0 {
            let more = if days.astray >= 1000 { "at least " } else { "" };
            let what = format!(
                "{more}{} finished jobs are in no day's partition",
                days.astray
            );
            found.push(Finding::note(Code::RowsAstray, what).value(days.astray.to_string()));
        }
    }
}

fn named(facts: &PostgresFacts, is: impl Fn(&TableFacts) -> bool) -> Vec<&str> {
    let tables = facts.tables.iter().filter(|table| is(table));
    tables.map(|table| table.name.as_str()).collect()
}

/// Somebody who keeps dead rows for too long, by the clock or by what has happened meanwhile.
fn holder(holder: &HorizonHolder) -> Option<Finding> {
    let seconds = holder.seconds.unwrap_or(0.0);
    let severity = if seconds > VERY_LONG_SECONDS || holder.transactions > VERY_MANY {
        Severity::Danger
    } else if seconds > LONG_SECONDS || holder.transactions > MANY {
        Severity::Warning
    } else {
        return None;
    };
    let said = [holder.application.as_deref(), holder.state.as_deref()];
    let said: Vec<&str> = said
        .into_iter()
        .flatten()
        .filter(|it| !it.is_empty())
        .collect();
    let said = match said.is_empty() {
        true => String::new(),
        false => format!(" ({})", said.join(", ")),
    };
    let time = holder
        .seconds
        .map_or_else(String::new, |it| format!("{it:.0} s and "));
    let what = format!(
        "the {} {}{said} has kept dead rows for {time}{} transactions",
        holder.kind, holder.name, holder.transactions
    );
    let remedy = match holder.kind.as_str() {
        "session" => format!("end it: SELECT pg_terminate_backend({})", holder.name),
        "prepared transaction" => {
            let name = holder.name.replace('\'', "''");
            format!("ask whose it is, then: ROLLBACK PREPARED '{name}'")
        }
        _ => {
            let name = holder.name.replace('\'', "''");
            format!("bring its reader back, or: SELECT pg_drop_replication_slot('{name}')")
        }
    };
    Some(
        Finding::new(Code::HorizonHeld, severity, what)
            .value(holder.transactions.to_string())
            .remedy(remedy),
    )
}
