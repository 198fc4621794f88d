//! The life of a loop: a pass, a pause, and again; after an error sooner, and ever less so.

use std::time::{Duration, Instant};

use queue_core::{Backoff, Jitter, StoreError};
use tracing::{Instrument, field};

use crate::loops::{Pass, Passed};
use crate::scene::Scene;

/// The first pause after an error, and the longest.
const AFTER_ERROR: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// Drives a loop until it is told to stop. A pass that is under way then comes to its next page's end.
pub(crate) async fn drive(mut scene: Scene) {
    let name = scene.of;
    let mut pass = name.begin();
    let mut trouble = Backoff::new(AFTER_ERROR.0, AFTER_ERROR.1);
    let mut settings = scene.settings.clone();
    while !scene.is_stopping() {
        let every = name.every(&scene.settings());
        let mut due = match every {
            None => None,
            Some(every) => {
                let wait = match pass_once(&mut *pass, &scene).await {
                    Ok(passed) => {
                        trouble.reset();
                        // Never later than is said, and not all processes at once.
                        let wait = every - Jitter::random().of(every / 4);
                        passed.sooner.map_or(wait, |sooner| sooner.min(wait))
                    }
                    Err(error) if error.is_transient() => trouble.next(Jitter::random()),
                    Err(_) => trouble.next(Jitter::random()).max(every),
                };
                scene.state.due_in(name, wait);
                Some(Instant::now() + wait)
            }
        };
        if due.is_none() {
            scene.state.rests(name);
        }
        loop {
            tokio::select! {
                () = scene.stop.cancelled() => return,
                () = until(due) => break,
                changed = settings.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    scene.settings = settings.clone();
                    let after = name.every(&scene.settings());
                    due = match (due, after) {
                        // On again: at once.
                        (None, Some(_)) => break,
                        (_, None) => {
                            scene.state.rests(name);
                            None
                        }
                        (Some(due), Some(every)) => Some(due.min(Instant::now() + every)),
                    };
                }
            }
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

/// One pass, and what is reported of it.
pub(crate) async fn pass_once(pass: &mut dyn Pass, scene: &Scene) -> Result<Passed, StoreError> {
    let (name, begun) = (scene.of, Instant::now());
    scene.state.begins(name);
    let span = tracing::debug_span!(
        "pass",
        r#loop = name.as_str(),
        rows = field::Empty,
        error = field::Empty
    );
    let result = pass.pass(scene).instrument(span.clone()).await;
    match &result {
        Ok(passed) => span.record("rows", passed.rows),
        Err(error) => span.record("error", error.code()),
    };
    match &result {
        Ok(passed) => scene.state.succeeded(name, begun, passed),
        Err(error) => scene.state.failed(name, begun, error),
    }
    result
}
