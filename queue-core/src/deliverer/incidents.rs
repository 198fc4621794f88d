//! Ending incidents whose cause is gone.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::core::Core;
use crate::{
    Event, Incident, Jitter, LetterFilter, LetterPage, LetterState, NotificationState, Page,
    Purpose, Signal, Store, StoreError,
};

/// How many incidents are read at a time.
const PAGE: u32 = 100;
/// How many rows are searched for a cause; behind more than that it counts as there.
const ROWS: u32 = 1000;

/// Letters that are not over.
const WAITING: [LetterState; 3] = [
    LetterState::Open,
    LetterState::Escalated,
    LetterState::Replaying,
];

/// Looks for causes that are gone, until it is told to stop.
pub(crate) async fn resolve(core: Arc<Core>, every: Duration, stop: CancellationToken) {
    loop {
        if let Err(error) = resolve_incidents(&*core.store).await {
            tracing::warn!(%error, "incidents are not resolved");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(every / 2 + Jitter::random().of(every)) => {}
        }
    }
}

/// Ends the incidents whose cause is gone, and says how many. A [`Deliverer`](crate::Deliverer) does so by
/// itself; this is for a process that has no channels. Any number may do so at once.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use queue_core::{memory::MemoryStore, resolve_incidents};
/// assert_eq!(resolve_incidents(&MemoryStore::default()).await?, 0);
/// # Ok(())
/// # }
/// ```
pub async fn resolve_incidents(store: &dyn Store) -> Result<usize, StoreError> {
    let mut resolved = 0;
    let mut after = None;
    loop {
        let incidents = store.open_incidents(after.as_ref(), PAGE).await?;
        for incident in &incidents {
            if is_over(store, incident).await?
                && is_told(store, incident).await?
                && store
                    .resolve_incident(&incident.key, incident.version)
                    .await?
            {
                resolved += 1;
            }
        }
        match incidents.last() {
            Some(last) if incidents.len() == PAGE as usize => after = Some(last.key.clone()),
            _ => return Ok(resolved),
        }
    }
}

async fn is_over(store: &dyn Store, incident: &Incident) -> Result<bool, StoreError> {
    let signal = &incident.signal;
    match signal.event {
        Event::JobDied => no_letters(store, signal, &WAITING).await,
        Event::JobDiedAgain => no_letters(store, signal, &[LetterState::Escalated]).await,
        Event::ChannelPaused => {
            let channels = store.channels().await?;
            let paused = |state: &crate::ChannelState| {
                state.paused && Some(&state.channel) == signal.channel.as_ref()
            };
            Ok(!channels.iter().any(paused))
        }
        Event::NotificationFailed => no_rows(store, NotificationState::Failed, signal).await,
        Event::DoubtHeld | Event::OrderingViolated => {
            no_rows(store, NotificationState::InDoubt, signal).await
        }
    }
}

/// Whether all have been told of it: that it is over must not overtake that it began.
async fn is_told(store: &dyn Store, incident: &Incident) -> Result<bool, StoreError> {
    for state in [NotificationState::Pending, NotificationState::Sending] {
        let rows = store.notifications(state, Page::first(ROWS)?).await?;
        let untold = rows.iter().any(|row| {
            row.intent.subject == incident.key
                && row.intent.purpose == Purpose::escalation()
                && row.intent.revision.get() == incident.episode
        });
        if untold || rows.len() == ROWS as usize {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A dead letter is over when it is resolved or discarded, or its job runs again and does not die.
async fn no_letters(
    store: &dyn Store,
    signal: &Signal,
    states: &[LetterState],
) -> Result<bool, StoreError> {
    for state in states {
        let filter = LetterFilter {
            state: Some(*state),
            queue: signal.queue.clone(),
            kind: signal.kind.clone(),
            error_class: Some(signal.class.clone()),
            ..LetterFilter::default()
        };
        let found = store.letters(&filter, LetterPage::first(1)?).await?;
        // Behind more letters than one page looks at it counts as there.
        if !found.letters.is_empty() || found.next.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn no_rows(
    store: &dyn Store,
    state: NotificationState,
    signal: &Signal,
) -> Result<bool, StoreError> {
    let rows = store.notifications(state, Page::first(ROWS)?).await?;
    let of_signal = rows.iter().any(|row| {
        Some(&row.intent.channel) == signal.channel.as_ref()
            && row
                .failure
                .as_ref()
                .is_some_and(|(class, _)| *class == signal.class)
    });
    Ok(!of_signal && rows.len() < ROWS as usize)
}
