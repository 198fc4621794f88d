//! Ending incidents whose cause is gone.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::core::{Core, SET_ASIDE_FOR};
use crate::sweep::{Aside, is_of_rows};
use crate::{
    Code, Event, Incident, Jitter, LetterFilter, LetterPage, LetterState, NotificationState, Page,
    Purpose, Signal, Store, StoreError, Subject, UnreadableIncident,
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
    let mut sweep = IncidentSweep::new(SET_ASIDE_FOR);
    loop {
        core.resolving.asks();
        let passed = sweep.pass(&*core.store).await;
        core.resolving.answered(&passed);
        match passed {
            Ok(_) => core.outage.works("incidents"),
            Err(error) => {
                core.outage
                    .failed("incidents", &error, "incidents are not resolved");
            }
        }
        let wait = every / 2 + Jitter::random().of(every);
        core.resolving.sleeps(wait);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Ends the incidents whose cause is gone, and says how many, as one pass of an [`IncidentSweep`] does.
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
    IncidentSweep::new(SET_ASIDE_FOR).pass(store).await
}

/// Ends incidents whose cause is gone. A [`Deliverer`](crate::Deliverer) does so by itself; this is for a
/// process that has no channels. Any number may do so at once. An incident that cannot be read or ended is left
/// alone for a while, and keeps none of the others from their end.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{IncidentSweep, memory::MemoryStore};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut sweep = IncidentSweep::new(Duration::from_secs(600));
/// assert_eq!((sweep.pass(&MemoryStore::default()).await?, sweep.set_aside()), (0, 0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct IncidentSweep {
    rows: Aside<Subject>,
}

impl IncidentSweep {
    /// Incidents that fail are tried again after this time.
    #[must_use]
    pub fn new(rest: Duration) -> Self {
        Self {
            rows: Aside::new(rest),
        }
    }

    /// How long incidents are left alone from now on.
    pub fn rest(&mut self, rest: Duration) {
        self.rows.rest(rest);
    }

    /// How many are left alone.
    #[must_use]
    pub fn set_aside(&self) -> usize {
        self.rows.len()
    }

    /// Looks at all that are open, and says how many were ended. One that fails is set aside and logged with
    /// its reason code. What no incident can be the cause of is an error; so is it when several fail, and none
    /// does not.
    pub async fn pass(&mut self, store: &dyn Store) -> Result<usize, StoreError> {
        self.rows.wake(store).await?;
        let (mut resolved, mut after) = (0, None);
        loop {
            let listed = store.open_incidents(after.as_ref(), PAGE).await?;
            resolved += self.page(store, &listed).await?;
            match listed.last() {
                Some(last) if listed.len() == PAGE as usize => after = Some(key(last).clone()),
                _ => return Ok(resolved),
            }
        }
    }

    async fn page(&mut self, store: &dyn Store, listed: &[Listed]) -> Result<usize, StoreError> {
        let mut resolved = 0;
        let mut unreadable = Vec::new();
        let mut incidents = Vec::new();
        for one in listed.iter().filter(|one| !self.rows.has(key(one))) {
            match one {
                Ok(incident) => incidents.push(incident),
                Err(error) => {
                    let code = Code::StoreCorrupt.as_str();
                    tracing::error!(code, %error, "an incident is set aside");
                    unreadable.push(error.key.clone());
                }
            }
        }
        let mut failed = Vec::new();
        let mut worked = false;
        for incident in incidents {
            match end(store, incident).await {
                Ok(ended) => {
                    worked = true;
                    resolved += usize::from(ended);
                }
                Err(error) if is_of_rows(&error) => failed.push((incident, error)),
                Err(error) => return Err(error),
            }
        }
        if !worked
            && failed.len() > 1
            && let Some((_, error)) = failed.pop()
        {
            return Err(error);
        }
        for (incident, error) in &failed {
            let (incident, code) = (&incident.key, error.catalogued().as_str());
            tracing::error!(%incident, code, %error, "an incident cannot be ended and is set aside");
        }
        unreadable.extend(failed.iter().map(|(incident, _)| incident.key.clone()));
        self.rows.put(store, unreadable).await?;
        Ok(resolved)
    }
}

type Listed = Result<Incident, UnreadableIncident>;

fn key(listed: &Listed) -> &Subject {
    match listed {
        Ok(incident) => &incident.key,
        Err(unreadable) => &unreadable.key,
    }
}

/// Ends it if its cause is gone. Where somebody else was faster it was not this that ended it.
async fn end(store: &dyn Store, incident: &Incident) -> Result<bool, StoreError> {
    Ok(is_over(store, incident).await?
        && is_told(store, incident).await?
        && store
            .resolve_incident(&incident.key, incident.version)
            .await?)
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
