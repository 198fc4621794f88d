//! Working in the caller's own task: for tests, and for programs that run once.

use std::sync::Arc;

use crate::worker::core::{Core, Ended};
use crate::worker::{execute, fetch, schedules, settle};
use crate::{StoreError, WorkerError};

/// Runs what can be run now, one job after the other, and what follows from it, until there is
/// nothing left.
pub(crate) async fn drain<S: Send + Sync + 'static>(core: &Core<S>) -> Result<(), WorkerError> {
    if core.settings.fires {
        schedules::pass(core, &mut core.schedules.clone()).await?;
    }
    while pass(core).await? > 0 {}
    Ok(())
}

async fn pass<S: Send + Sync + 'static>(core: &Core<S>) -> Result<usize, StoreError> {
    let mut ran = 0;
    for source in &core.sources {
        // One at a time: no lease ages while another job runs.
        while let Some(holding) = fetch::claim_from(core, source, 1).await?.pop() {
            core.hands.take_inline(&holding);
            let how = execute::execute(core, &holding).await;
            let mut batch = vec![Ended {
                holding: Arc::clone(&holding),
                how,
            }];
            settle::write(core, &mut batch).await;
            ran += 1;
            // A job that follows from itself must not keep a timeout from firing.
            tokio::task::yield_now().await;
        }
    }
    Ok(ran)
}
