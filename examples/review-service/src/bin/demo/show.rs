//! The demonstration from its beginning to its end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use queue_core::{QueueName, Store};
use queue_ops::{Exit, Signals};
use review_service::config::ServiceConfig;
use review_service::request::ReviewChange;
use review_service::stand_in::changes::Recorded;
use review_service::stand_in::p4::Depot;
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::Arguments;
use crate::asking::{self, Asked};
use crate::cast::Cast;
use crate::configuration::{self, SERVICE};
use crate::expectation;
use crate::folder::Folder;
use crate::kills::Kills;
use crate::ledger::Ledger;
use crate::next;
use crate::place::{self, Place};
use crate::ports::Ports;
use crate::progress::Progress;
use crate::report::Report;
use crate::scenery::Scenery;
use crate::voice::say;

/// How long all of it may take before something must be wrong.
const PATIENCE: Duration = Duration::from_secs(600);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The files with the totals and with what is another number each time, for whoever compares them.
const TOTALS: &str = "totals.json";
const COST: &str = "cost.json";

pub(crate) async fn show(arguments: &Arguments) -> Result<Exit> {
    let mut signals = Signals::listen()?;
    // The terminal is gone; what was started must not outlive it.
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        // A terminal tells what was started as well: that it ends then is no trouble.
        biased;
        signal = signals.next() => Ok(signal.exit()),
        _ = hangup.recv() => Ok(Exit::Terminated),
        shown = play(arguments) => shown,
    }
}

async fn play(arguments: &Arguments) -> Result<Exit> {
    let begun = Instant::now();
    let folder = Folder::claim(&arguments.folder)?;
    let place = Place::new(&folder, arguments.store.as_deref())?;
    if place.schema.is_some() {
        // While the demonstration before is still there: a server that cannot be used costs nothing.
        place.make().await?;
    }
    place::drop_earlier(&folder).await;
    folder.clear()?;
    let scenery = Scenery {
        ports: Ports::free()?,
        seed: arguments.seed,
        well: false,
    };
    let ports = scenery.ports;
    scenery.keep(&folder)?;
    let depot = Depot {
        folder: folder.depot(),
        seed: arguments.seed,
    };
    configuration::write(&folder, &place, &depot, &ports)?;
    let config = ServiceConfig::read(&folder.file(SERVICE))?;
    let plural = if arguments.changes == 1 { "" } else { "s" };
    say(format_args!(
        "{} change{plural} of seed {}, reviewed by two workers on {}\neverything is in {}; health on http://{}/healthz\n",
        arguments.changes,
        arguments.seed,
        place.database.shown(),
        folder.path().display(),
        ports.health,
    ));
    place.make().await?;
    let opened = place.database.open().await?;
    let store = &*opened.store;
    let mut cast = Cast::start(folder.clone(), scenery).await?;

    let progress = Progress::new(arguments.changes);
    let mut kills = Kills::new(arguments.kills, arguments.lot);
    let changes = Recorded::first(arguments.seed, arguments.changes);
    let asking = asking::ask(ports.ingest, changes, &progress);
    let watching = watch(arguments.changes, &mut cast, store, &mut kills, &progress);
    let (asked, ()): (Vec<Asked>, ()) = tokio::try_join!(asking, watching)?;
    progress.finish();
    cast.stop().await?;

    let ledger = Ledger::read(asked, store, &config, &folder.mail()).await?;
    let totals = ledger.totals();
    folder.write(TOTALS, &serde_json::to_string_pretty(&totals)?)?;
    let expectations = expectation::all(&ledger, store).await?;
    let took = begun.elapsed();
    let report = Report {
        ledger: &ledger,
        totals: &totals,
        kills: &kills,
        expectations: &expectations,
        took,
    };
    folder.write(COST, &report.cost().to_string())?;
    report.print();
    next::print(&folder, &place, &ports, &totals.dead_letters);
    opened.backend.close().await;
    Ok(
        if expectations.iter().all(expectation::Expectation::holds) {
            Exit::Done
        } else {
            Exit::Findings
        },
    )
}

/// Until all is done: looks how far it is, and kills what is due.
async fn watch(
    changes: u64,
    cast: &mut Cast,
    store: &dyn Store,
    kills: &mut Kills,
    progress: &Progress,
) -> Result<()> {
    let queue = QueueName::new(<ReviewChange as queue_core::Job>::QUEUE)?;
    let until = Instant::now() + PATIENCE;
    loop {
        cast.check()?;
        // Before the jobs are counted: one that comes between counts as not done, and not the other way round.
        let asked_for = progress.asked_for();
        let stage = Stage::of(store, &queue).await?;
        let done = asked_for.saturating_sub(stage.jobs);
        progress.done(done, stage.told());
        if done == changes && stage.mails == 0 {
            return Ok(());
        }
        kills
            .pass(done * 100 / changes, cast, store, progress)
            .await?;
        if Instant::now() > until {
            bail!(
                "it does not come to its end: {} jobs and {} mails are left",
                stage.jobs,
                stage.mails
            );
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// How far it is.
struct Stage {
    /// Jobs that have not ended.
    jobs: u64,
    running: u64,
    dead: u64,
    /// Notifications of which it is not known that they were sent.
    mails: u64,
}

impl Stage {
    async fn of(store: &dyn Store, queue: &QueueName) -> Result<Self> {
        let stats = store.stats().await?;
        let outbox = store.outbox_stats().await?;
        let queue = stats.queues.iter().find(|stats| stats.queue == *queue);
        let running = queue.map_or(0, |queue| queue.running.counted);
        let waiting = queue.map_or(0, |queue| {
            queue.ready.counted + queue.scheduled.counted + queue.waiting.counted
        });
        Ok(Self {
            jobs: u64::from(running + waiting + stats.awaiting_delivery.counted),
            running: running.into(),
            dead: stats.dead.counted.into(),
            mails: u64::from(
                outbox.pending.counted + outbox.sending.counted + outbox.in_doubt.counted,
            ),
        })
    }

    fn told(&self) -> String {
        format!(
            "{} at work, {} mails to be sent, {} dead letters",
            self.running, self.mails, self.dead
        )
    }
}
