//! The demonstration from its beginning to its end.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use queue_core::{QueueName, Store};
use queue_ops::{Database, Exit, Signals};
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
use crate::ports::Ports;
use crate::progress::Progress;
use crate::report::{self, Report};
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
        shown = play(arguments) => shown,
        signal = signals.next() => Ok(signal.exit()),
        _ = hangup.recv() => Ok(Exit::Terminated),
    }
}

async fn play(arguments: &Arguments) -> Result<Exit> {
    let begun = Instant::now();
    let folder = Folder::afresh(&arguments.folder)?;
    let ports = Ports::free()?;
    let depot = Depot {
        folder: folder.depot(),
        seed: arguments.seed,
    };
    let url = configuration::url(&folder, arguments.store.as_deref());
    configuration::write(&folder, &url, &depot, &ports)?;
    let config = ServiceConfig::read(&folder.file(SERVICE))?;
    let database = Database::parse(&url)?;
    say(format_args!(
        "{} changes of seed {}, reviewed by two workers on {}\neverything is in {}; health on http://{}/healthz\n",
        arguments.changes,
        arguments.seed,
        database.shown(),
        folder.path().display(),
        ports.health,
    ));
    database.migrate().await.context("the database's schema")?;
    let opened = database.open().await?;
    let store = &*opened.store;
    let mut cast = Cast::start(folder.clone(), ports, arguments.seed).await?;

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
    std::fs::write(folder.file(TOTALS), serde_json::to_string_pretty(&totals)?)?;
    let expectations = expectation::all(&ledger, store).await?;
    let took = begun.elapsed();
    let report = Report {
        ledger: &ledger,
        totals: &totals,
        kills: &kills,
        expectations: &expectations,
        took,
    };
    std::fs::write(folder.file(COST), report.cost().to_string())?;
    report.print();
    report::next(&folder, &ports);
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
