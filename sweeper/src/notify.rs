//! What a service manager is told, by systemd's protocol. Without one nothing is said to nobody.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::time::Duration;

use sd_notify::NotifyState;

use crate::settings::SettingsWatch;
use crate::state::{Phase, State};

/// How often it is looked whether the start is over.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How much longer the start may take than it has.
const MORE_TIME: Duration = Duration::from_secs(30);

/// How long the last words may take to be heard.
const LAST_WORDS: Duration = Duration::from_secs(1);

static TELLER: LazyLock<Teller> = LazyLock::new(Teller::begin);

/// Talks to the manager, in a thread of its own: its socket holds some ten messages that were not read, and whoever
/// sends one more waits until they are. A manager that hangs, or reads no more than `READY=1`, is to hold up no loop.
struct Teller {
    to: mpsc::Sender<Told>,
    /// Messages that the manager's socket has not taken.
    unheard: Arc<AtomicUsize>,
}

enum Told {
    States(String),
    /// Answered when everything before it was taken.
    Ask(mpsc::Sender<()>),
}

impl Teller {
    fn begin() -> Self {
        let (to, from) = mpsc::channel();
        let unheard = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&unheard);
        let thread = std::thread::Builder::new()
            .name("leasehold-notify".to_owned())
            .spawn(move || Self::talk(&from, &left));
        if let Err(error) = thread {
            tracing::warn!(%error, "the service manager cannot be told of anything");
        }
        Self { to, unheard }
    }

    fn talk(from: &mpsc::Receiver<Told>, unheard: &AtomicUsize) {
        for told in from {
            match told {
                Told::States(states) => {
                    if let Err(error) = sd_notify::notify(&[NotifyState::Custom(states.trim_end())])
                    {
                        tracing::warn!(%error, "the service manager was not told");
                    }
                    unheard.fetch_sub(1, Ordering::AcqRel);
                }
                Told::Ask(done) => drop(done.send(())),
            }
        }
    }

    fn tell(&self, states: &[NotifyState<'_>]) {
        let lines = states.iter().map(|state| format!("{state}\n"));
        self.unheard.fetch_add(1, Ordering::AcqRel);
        // It ends only with the process, or has not begun, which was said.
        drop(self.to.send(Told::States(lines.collect())));
    }

    fn is_heard(&self) -> bool {
        self.unheard.load(Ordering::Acquire) == 0
    }
}

/// If there is a manager.
fn teller() -> Option<&'static Teller> {
    std::env::var_os("NOTIFY_SOCKET").map(|_| &*TELLER)
}

fn tell(states: &[NotifyState<'_>]) {
    if let Some(teller) = teller() {
        teller.tell(states);
    }
}

/// What is said again and again queues behind nothing.
fn tell_if_heard(states: &[NotifyState<'_>]) {
    if let Some(teller) = teller().filter(|teller| teller.is_heard()) {
        teller.tell(states);
    }
}

/// Waits until what was said is heard, for a moment: the thread that says it ends with the process.
pub(crate) fn last_words() {
    if let Some(teller) = teller() {
        let (done, heard) = mpsc::channel();
        drop(teller.to.send(Told::Ask(done)));
        let _ = heard.recv_timeout(LAST_WORDS);
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
    tell_if_heard(&[
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
                tell_if_heard(&[NotifyState::Watchdog]);
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
