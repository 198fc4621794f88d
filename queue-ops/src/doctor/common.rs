//! What is judged alike of every database.

use std::time::Duration;

use queue_core::Code;

use super::{AuditFacts, Facts, Finding, Severity};

/// The error's own words are for programs.
const SCHEMA: &str = "see `leasehold migrate status`; `leasehold migrate up` makes a schema or brings an older \
                      one up to date, a newer one needs the newer program";
/// Up to here clocks that differ are no more than usual.
const CLOSE: Duration = Duration::from_secs(1);
/// Behind this whoever compares times is misled.
const FAR: Duration = Duration::from_secs(300);

/// Adds what is wrong with opening it and with its trail, before anything else that is as bad.
pub(super) fn add(facts: &Facts, findings: &mut Vec<Finding>) {
    let broken = match &facts.audit {
        AuditFacts::Broken(trouble) => Some(trouble),
        AuditFacts::Unread | AuditFacts::Sound { .. } => None,
    };
    for trouble in facts.refused.iter().chain(broken) {
        let finding = Finding::danger(trouble.code, trouble.message.clone());
        let finding = match trouble.code {
            Code::StoreSchemaMismatch => finding.remedy(SCHEMA),
            _ => finding,
        };
        findings.insert(0, finding);
    }
}

/// Clocks that differ by so much, give or take.
pub(super) fn clock(apart: Duration, within: Duration, how: &str) -> Option<Finding> {
    if apart <= CLOSE + within {
        return None;
    }
    let severity = if apart > FAR {
        Severity::Warning
    } else {
        Severity::Note
    };
    let seconds = apart.as_secs_f64();
    let what = format!("{how} by {seconds:.1} s");
    Some(Finding::new(Code::ClockApart, severity, what).value(format!("{seconds:.3}")))
}
