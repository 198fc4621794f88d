//! What a reading leaves in metrics and logs: codes and places, never values.

use super::{Action, Diagnostic, Verdict};

/// Counts the diagnostics of a verdict, and logs each kind of them once, with its first place: a document
/// of a hundred thousand bad items makes no hundred thousand lines.
pub(super) fn tell(verdict: &Verdict) {
    let contract = verdict.contract();
    for version in verdict.versions() {
        metrics::counter!(
            "leasehold_contract_versions_total",
            "contract" => contract.to_owned(),
            "field" => version.field.clone(),
            "version" => version.taken_as.to_string(),
        )
        .increment(1);
    }
    // There are few kinds: a code has few reasons.
    let mut kinds: Vec<(u64, &Diagnostic)> = Vec::new();
    for diagnostic in verdict.diagnostics() {
        let alike = |known: &Diagnostic| {
            (known.action, known.code) == (diagnostic.action, diagnostic.code)
                && known.reason == diagnostic.reason
        };
        match kinds.iter_mut().find(|(_, known)| alike(known)) {
            Some((count, _)) => *count += 1,
            None => kinds.push((1, diagnostic)),
        }
    }
    for (count, first) in kinds {
        let (action, code, reason) = (first.action, first.code, first.reason.as_ref());
        metrics::counter!(
            "leasehold_diagnostics_total",
            "contract" => contract.to_owned(),
            "code" => code.as_str(),
            "action" => action.as_str(),
        )
        .increment(count);
        let correlation_id = first.correlation_id.as_deref();
        let (code, place) = (code.as_str(), first.place());
        let path = place.as_ref();
        if action == Action::Reject {
            tracing::warn!(
                contract,
                code,
                reason,
                action = action.as_str(),
                count,
                path,
                correlation_id,
                "a document was refused"
            );
        } else {
            tracing::info!(
                contract,
                code,
                reason,
                action = action.as_str(),
                count,
                path,
                correlation_id,
                "a document was read with reservations"
            );
        }
    }
}
