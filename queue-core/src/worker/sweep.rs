//! Putting jobs back whose worker died, so that recovery needs no daemon.

use std::sync::Arc;
use std::time::Duration;

use crate::worker::core::Core;
use crate::{Jitter, Page, sweep_and_escalate};

/// How many expired leases one pass looks at.
const PAGE: u32 = 500;

/// Sweeps for as long as it is polled, about once in `every`.
pub(crate) async fn sweep<S>(core: Arc<Core<S>>, every: Duration) {
    loop {
        let more = match Page::first(PAGE) {
            Ok(page) => {
                match sweep_and_escalate(&**core.store(), page, &core.settings.escalations).await {
                    Ok(swept) => swept.leaves_more(PAGE),
                    Err(error) => {
                        tracing::debug!(%error, "not swept");
                        false
                    }
                }
            }
            Err(_) => false,
        };
        if !more {
            // Half of it and up to as much again: workers that started together drift apart.
            tokio::time::sleep(every / 2 + Jitter::random().of(every)).await;
        }
    }
}
