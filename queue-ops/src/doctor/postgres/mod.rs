//! What is wrong with a server.

mod durability;
mod upkeep;
mod way;

pub(super) use durability::awaited;
use queue_core::Code;
use queue_postgres::PostgresFacts;

use super::Finding;

pub(super) fn findings(facts: &PostgresFacts) -> Vec<Finding> {
    let mut found = Vec::new();
    durability::add(facts, &mut found);
    way::add(facts, &mut found);
    upkeep::add(facts, &mut found);
    if !facts.server.sees_statistics {
        let what = "cannot see what other sessions and the standbys do";
        let role = facts.server.role.replace('"', "\"\"");
        found.push(Finding::note(Code::FactsUnseen, what).remedy(format!(
            "GRANT pg_monitor TO \"{role}\", or run this as a role that has it"
        )));
    }
    for unseen in &facts.unseen {
        let what = format!("cannot see {}: {}", unseen.what, unseen.why);
        found.push(Finding::note(Code::FactsUnseen, what));
    }
    found
}
