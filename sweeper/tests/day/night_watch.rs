//! The loops of a daemon, driven through a day by the intervals that they have by default.

use std::io::BufRead;
use std::sync::Arc;
use std::time::Duration;

use fixtures::bed::{ada, kind, queue};
use queue_core::{
    Clock, Kept, ManualClock, NewJob, Payload, RetentionRule, RetentionSort, Schedule,
    ScheduleName, Store, Timestamp,
};
use queue_postgres::PostgresOptions;
use queue_sqlite::{SqliteOptions, Synchronous};
use sweeper::{LoopName, Settings, Sweeper};

use crate::HEAP;
use crate::length::Length;
use crate::traffic::Traffic;

const STEP: Duration = Duration::from_secs(5);
/// 00:00 UTC of some day.
const MIDNIGHT: i64 = 1_800_057_600_000_000;

/// What ends by itself or by an operator, all kept for the same time.
const SORTS: [RetentionSort; 6] = [
    RetentionSort::History,
    RetentionSort::ResolvedLetters,
    RetentionSort::DiscardedLetters,
    RetentionSort::Notifications,
    RetentionSort::Keys,
    RetentionSort::Subjects,
];

/// Lives through the day, and waits after each hour until it has been looked at.
pub(crate) async fn keep(url: &str, length: Length) {
    let midnight = Timestamp::from_micros(MIDNIGHT);
    let clock = ManualClock::at(midnight - length.hour() * Length::HOURS_BEFORE_MIDNIGHT);
    let store = open(url, &clock).await;
    for sort in SORTS {
        let rule = RetentionRule::new(sort, None, Kept::For(length.kept())).unwrap();
        store.set_retention(&rule, &ada()).await.unwrap();
    }
    schedule(&*store, length).await;

    let mut traffic = Traffic::on(Arc::clone(&store), length);
    let mut sweeper = Sweeper::new(Arc::clone(&store), Settings::default()).unwrap();
    let (mut fired, mut swept, mut doubted) = (0, 0, 0);
    let mut since = Duration::ZERO;
    let mut looks = std::io::stdin().lock();
    for hour in 1..=Length::HOURS {
        for minute in 0..length.minutes_per_hour {
            traffic.minute(minute).await;
            for _ in 0..12 {
                clock.advance(STEP);
                since += STEP;
                for name in LoopName::ALL {
                    if !since
                        .as_secs()
                        .is_multiple_of(every(name, length).as_secs())
                    {
                        continue;
                    }
                    let passed = sweeper.pass(name).await.unwrap();
                    match name {
                        LoopName::Schedules => fired += passed.rows,
                        LoopName::Leases => swept += passed.rows,
                        LoopName::Doubts => doubted += passed.rows,
                        _ => {}
                    }
                }
            }
        }
        let (jobs, rows) = (traffic.jobs_abandoned, traffic.rows_abandoned);
        let heap = HEAP.current_usage();
        println!("\nhour {hour} {fired} {swept} {jobs} {doubted} {rows} {heap}");
        looks.read_line(&mut String::new()).unwrap();
    }
}

async fn open(url: &str, clock: &ManualClock) -> Arc<dyn Store> {
    let clock = Clock::Manual(clock.clone());
    match url.strip_prefix("sqlite:") {
        Some(file) => {
            let options = SqliteOptions::new(file).synchronous(Synchronous::Normal);
            Arc::new(options.clock(clock).open().await.unwrap())
        }
        None => {
            // Each connection takes 100 kB when it is opened, at some time of the day, and keeps it: all that
            // there may be are there from the beginning.
            let options = PostgresOptions::new(url).unwrap().pool_size(1).unwrap();
            Arc::new(options.clock(clock).connect().await.unwrap())
        }
    }
}

/// One tick a minute, and one at the full hour.
async fn schedule(store: &dyn Store, length: Length) {
    for (name, every) in [
        ("often", Duration::from_secs(60)),
        ("seldom", length.hour()),
    ] {
        let job = NewJob::new(queue("reports"), kind("close"), Payload::json(&1).unwrap());
        let name = ScheduleName::new(name).unwrap();
        let schedule = Schedule::every(name, every, job).unwrap();
        store.put_schedule(&schedule, &ada()).await.unwrap();
    }
}

fn every(name: LoopName, length: Length) -> Duration {
    let sweeper = Settings::default().sweeper;
    let every = match name {
        LoopName::Pulse => return STEP,
        // As often in an hour as in one of sixty minutes.
        LoopName::Retention => return length.hour() / 6,
        LoopName::Leases => sweeper.leases_every,
        LoopName::Doubts => sweeper.doubts_every,
        LoopName::Schedules => sweeper.schedules_every,
        LoopName::Statistics => sweeper.statistics_every,
        LoopName::Escalations => sweeper.escalations_every,
        LoopName::Audit => sweeper.audit_every,
    };
    every.get().expect("every loop is on")
}
