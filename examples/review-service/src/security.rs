//! Events that somebody who watches for attacks wants to see.

use metrics::counter;
use queue_core::{Cause, ServiceAct, Store};
use serde_json::json;

use crate::allow_list::Denied;
use crate::allowed::act_of;

/// What a change that was denied is on record as.
pub const DENIED: &str = "review.change.deny";

/// A path was denied: nothing of its change goes any further. `at` says who named it, a caller or the depot.
pub fn denied(at: &'static str, changelist: u64, denied: &Denied) {
    counter!("review_security_events_total", "at" => at, "code" => denied.code().as_str())
        .increment(1);
    tracing::warn!(
        security = true,
        at,
        changelist,
        code = denied.code().as_str(),
        path = denied.path(),
        "a path was denied"
    );
}

/// Puts it on record that the depot's answer was denied. What callers ask for is not: they could fill the trail.
pub async fn record_denial(
    store: &dyn Store,
    changelist: u64,
    denied: &Denied,
) -> Result<(), Cause> {
    let detail = json!({ "code": denied.code().as_str(), "path": denied.path() });
    let own = ServiceAct::new(DENIED, &crate::request::subject(changelist), &detail)?;
    store
        .record(
            &own,
            &act_of("the depot answered with a path that is not allowed")?,
        )
        .await?;
    Ok(())
}
