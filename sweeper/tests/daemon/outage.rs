//! The database goes, and comes back.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fixtures::postgres::PostgresCluster;
use queue_core::JobState;

use crate::harness::{PATIENCE, Place, Running, abandoned_job, get, until_status};

/// Asks whether it is alive, over and over, until it is told to stop; how often that was, or what was answered.
struct Alive {
    stop: Arc<AtomicBool>,
    asking: JoinHandle<Result<u32, String>>,
}

impl Alive {
    fn ask(socket: PathBuf) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let asking = std::thread::spawn(move || {
            let mut asked = 0;
            while !told.load(Ordering::Relaxed) {
                let (status, said) = get(&socket, "/livez");
                if status != 200 {
                    return Err(said);
                }
                asked += 1;
                std::thread::sleep(Duration::from_millis(5));
            }
            Ok(asked)
        });
        Self { stop, asking }
    }

    fn end(self) -> Result<u32, String> {
        self.stop.store(true, Ordering::Relaxed);
        self.asking.join().unwrap()
    }
}

/// How long the database is away: until each loop has failed some times; with `LEASEHOLD_SLOW=1`, 20 seconds.
fn away() -> Duration {
    let slow = std::env::var_os("LEASEHOLD_SLOW").is_some();
    Duration::from_secs(if slow { 20 } else { 0 })
}

/// Loops go on by themselves; it is alive all along, not ready meanwhile, and says each once.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_sat_out() {
    let cluster = PostgresCluster::start();
    let place = Place::on(&cluster).await;
    let daemon = Running::start_managed(place.program(), place.dir.path());
    daemon.tells("READY=1");
    until_status(&place, "/readyz", 200);
    daemon.hears("every loop has had its first pass");

    let alive = Alive::ask(place.socket());
    let lines = || daemon.said.lock().unwrap().clone();
    let said_before = lines().len();
    cluster.stop_fast();
    let gone = Instant::now();
    daemon.hears("the database does not answer");
    let (status, why) = place.get("/readyz");
    assert_eq!(status, 503);
    assert!(why.starts_with("not ready: STORE_"), "{why}");
    let (status, health) = place.get("/healthz");
    assert_eq!(status, 503);
    let health: serde_json::Value = serde_json::from_str(&health).unwrap();
    assert_eq!(health["status"], "degraded");
    assert_eq!(health["dependencies"]["database"]["answers"], false);
    // Each loop has failed, and still one line was said.
    let failing = || {
        let health: serde_json::Value = serde_json::from_str(&place.get("/healthz").1).unwrap();
        let loops = health["loops"].as_object().unwrap().clone();
        let quick = loops.iter().filter(|(name, _)| *name != "retention");
        quick
            .filter(|(_, it)| it["errors_in_a_row"].as_u64().unwrap() >= 3)
            .count()
    };
    let until = Instant::now() + PATIENCE;
    while failing() < 7 || gone.elapsed() < away() {
        assert!(Instant::now() < until, "{}", place.get("/healthz").1);
        assert_eq!(place.get("/readyz").0, 503);
        std::thread::yield_now();
    }
    assert!(
        place
            .get("/metrics")
            .1
            .contains("leasehold_sweep_errors_total{loop=\"leases\"}")
    );

    daemon.tells("STATUS=the database does not answer");
    cluster.restart();
    daemon.hears("the database answers again");
    until_status(&place, "/readyz", 200);
    let job = abandoned_job(&*place.store().await).await;
    let store = place.store().await;
    while store.job(job).await.unwrap().unwrap().state != JobState::Queued {
        tokio::task::yield_now().await;
    }
    assert!(alive.end().unwrap() > 0);
    // A line for each change, and no third one but of figures.
    let mut said = lines().split_off(said_before);
    said.retain(|line| !line.contains("statistics"));
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(said[0].contains("the database does not answer"), "{said:?}");
    assert!(said[1].contains("the database answers again"), "{said:?}");
}

/// Down at the start it waits, serves, and is ready when the database is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_the_database_waits_for_it() {
    let cluster = PostgresCluster::start();
    let place = Place::on(&cluster).await;
    cluster.stop_fast();
    let daemon = Running::start_managed(place.program(), place.dir.path());
    daemon.tells("EXTEND_TIMEOUT_USEC=");
    assert_eq!(place.get("/livez").0, 200);
    assert_eq!(place.get("/readyz").0, 503);
    let health: serde_json::Value = serde_json::from_str(&place.get("/healthz").1).unwrap();
    assert_eq!(health["status"], "starting");
    cluster.restart();
    daemon.tells("READY=1");
    until_status(&place, "/readyz", 200);
}

/// A standby reads, and is not to be written to.
#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_not_ready() {
    let cluster = PostgresCluster::start();
    let place = Place::on(&cluster).await;
    let daemon = Running::start(place.program());
    daemon.hears("every loop has had its first pass");
    until_status(&place, "/readyz", 200);
    cluster.stop_fast();
    cluster.restart_as_standby();
    let mut why = until_status(&place, "/readyz", 503);
    while !why.contains("read-only") {
        why = until_status(&place, "/readyz", 503);
    }
}
