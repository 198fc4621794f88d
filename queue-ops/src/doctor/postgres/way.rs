//! How the server is reached, and as whom.

use std::time::Duration;

use queue_core::Code;
use queue_postgres::{Listening, Pooler, PostgresFacts};

use crate::doctor::{Finding, common};

pub(super) fn add(facts: &PostgresFacts, found: &mut Vec<Finding>) {
    pooler(facts, found);
    let server = &facts.server;
    if !facts.local && !server.encrypted {
        let what = "the connection to another machine is not encrypted";
        found.push(Finding::warning(Code::ConnectionUnencrypted, what));
    }
    let left = server.connections_left;
    if left < i64::from(facts.pool_size) {
        let what = format!(
            "{left} connections are left, and the pool may open {}",
            facts.pool_size
        );
        found.push(Finding::warning(Code::ConnectionsShort, what).value(left.to_string()));
    }
    for table in facts
        .tables
        .iter()
        .filter(|table| !table.missing.is_empty())
    {
        let rights = table.missing.join(", ");
        let what = format!("{} may not {rights} on {}", server.role, table.name);
        found.push(Finding::danger(Code::RightsMissing, what).value(rights));
    }
    let owns = facts
        .tables
        .iter()
        .any(|table| table.owned && table.name == "audit");
    if server.superuser || owns {
        let what = match server.superuser {
            true => format!("{} is a superuser", server.role),
            false => format!("{} owns the tables", server.role),
        };
        found.push(Finding::note(Code::RolePowerful, what).value(&server.role));
    }
    let micros = |micros: i64| Duration::from_micros(micros.unsigned_abs());
    let way = match facts.clock_ahead_micros >= 0 {
        true => "ahead of",
        false => "behind",
    };
    found.extend(common::clock(
        micros(facts.clock_ahead_micros),
        micros(facts.clock_within_micros),
        &format!("the database's clock is {way} this host's"),
    ));
}

fn pooler(facts: &PostgresFacts, found: &mut Vec<Finding>) {
    match (facts.pooler, facts.prepared) {
        (Pooler::PerTransaction, true) => {
            let what =
                "a pooler in transaction mode is in between, and prepared=false is not given";
            found.push(Finding::danger(Code::PoolerPrepared, what));
        }
        // It could not be shown that sessions change, and nothing says that they do not.
        (Pooler::Somewhere, true) => {
            let what = "a pooler is in between, and prepared=false is not given";
            found.push(Finding::warning(Code::PoolerPrepared, what));
        }
        (Pooler::None, false) => {
            let what = "no pooler is in between, and prepared=false is given";
            found.push(Finding::note(Code::PreparedOff, what));
        }
        (_, false) | (Pooler::None, true) => {}
    }
    match &facts.listening {
        Listening::Possible => {}
        Listening::NoWay => {
            let what = "wake-ups are not heard: prepared=false, and listen= is not given";
            found.push(Finding::note(Code::NotListening, what));
        }
        Listening::Pooled => {
            let what = "wake-ups are not heard: a pooler is in the way";
            found.push(Finding::warning(Code::NotListening, what));
        }
        Listening::Unreachable(why) => {
            let what = format!("wake-ups are not heard: what listen= names does not answer: {why}");
            found.push(Finding::warning(Code::NotListening, what));
        }
    }
}
