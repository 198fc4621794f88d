//! What a service manager is told, by systemd's protocol. Without one nothing is said to nobody.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;

use crate::settings::SettingsWatch;
use crate::state::{Phase, State};

/// How often it is looked whether the start is over.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How much longer the start may take than it has.
const MORE_TIME: Duration = Duration::from_secs(30);

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager was not told");
    }
}

/// The start is over.
pub(crate) fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// How it goes, in a line.
pub(crate) fn status(status: &str) {
    tell(&[NotifyState::Status(status)]);
}

/// The start takes longer, and why: the manager would end a process that does not say so.
pub(crate) fn still_starting(why: &str) {
    let more = u32::try_from(MORE_TIME.as_micros()).unwrap_or(u32::MAX);
    tell(&[
        NotifyState::ExtendTimeoutUsec(more),
        NotifyState::Status(why),
    ]);
}

/// The configuration is read again.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "the service manager was not told of the reload"),
    }
}

/// The end has begun.
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
}

/// Waits until every loop has had its first pass.
pub(crate) async fn first_passes(state: &State) {
    while !state.all_passed() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Feeds the watchdog, if there is one, as long as no loop is stuck, and shows whether the database answers. What
/// is said of loops that are stuck is said once.
pub(crate) async fn watchdog(state: Arc<State>, settings: SettingsWatch) {
    let feed_every = sd_notify::watchdog_enabled().map(|within| within / 2);
    let look_every = feed_every.unwrap_or(Duration::from_secs(5));
    let mut told = false;
    let mut shown = None;
    loop {
        let waits = state.database().trouble.is_some();
        if state.phase() == Phase::Running && shown.replace(waits) != Some(waits) {
            let text = if waits {
                "the database does not answer"
            } else {
                "all loops run"
            };
            status(text);
        }
        let after = settings.borrow().sweeper.stuck_after.get();
        let stuck = state.stuck(after);
        if stuck.is_empty() {
            told = false;
            if feed_every.is_some() {
                tell(&[NotifyState::Watchdog]);
            }
        } else if !told {
            told = true;
            for (name, silence) in stuck {
                let seconds = silence.as_secs();
                tracing::error!(r#loop = %name, seconds, "the loop is stuck: nothing was heard of it");
            }
        }
        tokio::time::sleep(look_every).await;
    }
}
