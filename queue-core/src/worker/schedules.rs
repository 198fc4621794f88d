//! Jobs by the clock: any worker fires what is due, and one of them does.

use std::sync::Arc;
use std::time::Duration;

use crate::backoff::Backoff;
use crate::worker::core::Core;
use crate::{Act, Actor, FiredDue, InvalidName, Jitter, Schedule, StoreError, fire_due};

/// The longest sleep: another process may put a schedule meanwhile.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Puts the worker's own schedules, and fires what is due of all, for as long as it is polled.
pub(crate) async fn fire<S>(core: Arc<Core<S>>) {
    let mut unput = core.schedules.clone();
    let mut trouble = Backoff::trouble();
    loop {
        let pause = match pass(&core, &mut unput).await {
            Ok(fired) => {
                trouble.reset();
                let next = fired.sleep().unwrap_or(LOOK_EVERY);
                // All workers hear the same tick: those that come a moment later find it fired.
                next.min(LOOK_EVERY) + Jitter::random().of(Duration::from_millis(20))
            }
            Err(error) => {
                tracing::debug!(%error, "schedules were not looked at");
                trouble.next(Jitter::random())
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Once: what is not put yet is put, what is due is fired.
pub(crate) async fn pass<S>(
    core: &Core<S>,
    unput: &mut Vec<Schedule>,
) -> Result<FiredDue, StoreError> {
    while let Some(schedule) = unput.last() {
        match core.store().put_schedule(schedule, &core.start).await {
            Ok(_) => {}
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => {
                tracing::error!(%error, schedule = %schedule.name(), "a schedule was not stored");
            }
        }
        unput.pop();
    }
    fire_due(&**core.store()).await
}

/// In whose name a worker puts its schedules.
pub(crate) fn start_of(worker: &str) -> Result<Act, InvalidName> {
    Ok(Act::new(Actor::new(worker)?, "start of the worker"))
}
