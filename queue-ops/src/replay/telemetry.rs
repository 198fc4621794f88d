//! What a run comes to, counted by whoever drives it.

use metrics::counter;
use queue_core::{ItemOutcome, RunCounts};

/// Counts what has come since it was looked at last. What others did before this process took the run over was
/// theirs to count.
pub(super) fn count(before: &RunCounts, now: &RunCounts) {
    let outcomes = [
        (ItemOutcome::Running, before.replayed(), now.replayed()),
        (ItemOutcome::Succeeded, before.succeeded, now.succeeded),
        (ItemOutcome::Died, before.died, now.died),
        (ItemOutcome::Cancelled, before.cancelled, now.cancelled),
        (ItemOutcome::Changed, before.changed, now.changed),
        (
            ItemOutcome::EvidenceMissing,
            before.evidence_missing,
            now.evidence_missing,
        ),
        (ItemOutcome::NotFound, before.not_found, now.not_found),
    ];
    for (outcome, before, now) in outcomes {
        let came = now.saturating_sub(before);
        if came > 0 {
            counter!("leasehold_replays_total", "outcome" => outcome.code())
                .increment(u64::from(came));
        }
    }
}
