//! Three daemons on one database, which are killed and stopped while they work: everything is repaired, once.
//!
//! That takes some seconds; with `LEASEHOLD_SLOW=1`, as CI runs it, a minute, with 50,000 leases and 10,000
//! notifications. What is struck when is drawn from a seed, which is printed; `LEASEHOLD_STRIKES_SEED` takes one.

mod crashes;
mod fleet;
mod leaders;
mod ticks;

use std::sync::Arc;
use std::time::{Duration, Instant};

use fixtures::postgres::PostgresCluster;
use queue_core::Store;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::harness::Place;
use crashes::{Rows, Worked};
use fleet::Fleet;
use leaders::Leaders;

/// How a trial is made.
#[derive(Debug, Clone, Copy)]
struct Trial {
    jobs: usize,
    rows: usize,
    lasts: Duration,
    /// Somebody takes leases away that have not ended.
    sabotaged: bool,
}

impl Trial {
    const fn of(jobs: usize, rows: usize, seconds: u64) -> Self {
        Self {
            jobs,
            rows,
            lasts: Duration::from_secs(seconds),
            sabotaged: false,
        }
    }
}

fn is_slow() -> bool {
    std::env::var_os("LEASEHOLD_SLOW").is_some()
}

/// Says what was done, or what was broken.
async fn run(place: &Place, leaders: &Leaders<'_>, trial: Trial) -> Result<String, String> {
    let seed = std::env::var("LEASEHOLD_STRIKES_SEED").ok();
    let seed = seed.map_or_else(rand::random, |seed| seed.parse().unwrap());
    println!("LEASEHOLD_STRIKES_SEED={seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let store = place.store().await;
    leaders.record();
    let ticks = ticks::schedule(&*store).await;

    let mut fleet = Fleet::start(place);
    let until = Instant::now() + trial.lasts;
    let rows = Rows::abandon(&*store, trial.rows, trial.lasts, &mut chance).await;
    let shared: Arc<dyn Store> = Arc::clone(&store);
    let seeded = StdRng::seed_from_u64(chance.random());
    let mut working = tokio::spawn(crashes::work(shared, trial, seeded));
    let saboteur = trial
        .sabotaged
        .then(|| tokio::spawn(crashes::sabotage(Arc::clone(&store))));
    while leaders.leader().is_none() {
        tokio::task::yield_now().await;
    }
    // To the end of the time, also when all the work is done; but there is no need to go on where it was spoilt.
    while Instant::now() < until && !(trial.sabotaged && working.is_finished()) {
        fleet.strike(&mut chance, leaders.leader()).await;
    }
    fleet.go_on();
    let worked: Worked = (&mut working).await.unwrap()?;
    if let Some(saboteur) = saboteur {
        saboteur.abort();
    }
    rows.check(&*store).await?;
    let ticks = ticks.check(&*store).await?;
    let struck = fleet.stop()?;
    let replaced = leaders.check()?;
    Ok(format!(
        "{worked}; {} notifications in doubt once; {ticks}; {struck}; {replaced}",
        trial.rows
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_repaired_once_on_postgres() {
    let cluster = PostgresCluster::start();
    let place = Place::on(&cluster).await;
    let trial = if is_slow() {
        Trial::of(50_000, 10_000, 60)
    } else {
        Trial::of(2_000, 500, 12)
    };
    let leaders = Leaders::Postgres(&cluster);
    println!("{}", run(&place, &leaders, trial).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_repaired_once_on_sqlite() {
    let place = Place::sqlite().await;
    let trial = if is_slow() {
        Trial::of(10_000, 2_000, 60)
    } else {
        Trial::of(1_000, 200, 12)
    };
    let leaders = Leaders::Sqlite(place.url.trim_start_matches("sqlite:"));
    println!("{}", run(&place, &leaders, trial).await.unwrap());
}

/// The checker itself can fail: it finds who puts jobs back by a list that is no longer true.
#[tokio::test(flavor = "multi_thread")]
async fn an_unfenced_sweeper_is_found_out() {
    let place = Place::sqlite().await;
    let trial = Trial {
        sabotaged: true,
        ..Trial::of(1_000, 10, 30)
    };
    let leaders = Leaders::Sqlite(place.url.trim_start_matches("sqlite:"));
    let broken = run(&place, &leaders, trial).await.unwrap_err();
    assert!(broken.contains("before its lease had ended"), "{broken}");
}
