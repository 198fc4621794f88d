//! What a reading leaves in metrics and logs: codes and places, never values.

use std::collections::BTreeMap;

use super::{Action, Verdict};

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
    let mut kinds = BTreeMap::new();
    for diagnostic in verdict.diagnostics() {
        let kind = (
            diagnostic.action,
            diagnostic.code,
            diagnostic.reason.as_ref(),
        );
        kinds.entry(kind).or_insert((0u64, diagnostic)).0 += 1;
    }
    for ((action, code, reason), (count, first)) in kinds {
        metrics::counter!(
            "leasehold_diagnostics_total",
            "contract" => contract.to_owned(),
            "code" => code.as_str(),
            "action" => action.as_str(),
        )
        .increment(count);
        let correlation_id = first.correlation_id.as_deref();
        let (code, path) = (code.as_str(), first.path.as_str());
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
