//! The database goes, and comes back.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fixtures::postgres::PostgresCluster;
use queue_core::JobState;
use serde_json::Value;

use crate::harness::{
    PATIENCE, Place, Running, abandoned_job, delivering, get, publish, until_sent, until_status,
};

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

/// A daemon that is ready, and what it has said.
struct Ready {
    place: Place,
    daemon: Running,
    alive: Alive,
    said_before: usize,
}

impl Ready {
    fn start(place: Place, program: Command) -> Self {
        let daemon = Running::start_managed(program, place.dir.path());
        daemon.tells("READY=1");
        until_status(&place, "/readyz", 200);
        daemon.hears("every loop has had its first pass");
        let said_before = daemon.said.lock().unwrap().len();
        Self {
            alive: Alive::ask(place.socket()),
            place,
            daemon,
            said_before,
        }
    }

    fn health(&self) -> Value {
        serde_json::from_str(&self.place.get("/healthz").1).unwrap()
    }

    /// It says that the database does not answer, and is not ready; until this is true, too.
    fn is_without(&self, so: impl Fn(&Value) -> bool) {
        let gone = Instant::now();
        self.daemon.hears("the database does not answer");
        let (status, why) = self.place.get("/readyz");
        assert_eq!(status, 503);
        assert!(why.starts_with("not ready: STORE_"), "{why}");
        assert_eq!(self.place.get("/healthz").0, 503);
        let health = self.health();
        assert_eq!(health["status"], "degraded");
        assert_eq!(health["dependencies"]["database"]["answers"], false);
        let until = Instant::now() + PATIENCE;
        while !so(&self.health()) || gone.elapsed() < away() {
            assert!(Instant::now() < until, "{}", self.health());
            assert_eq!(self.place.get("/readyz").0, 503);
            std::thread::yield_now();
        }
        self.daemon.tells("STATUS=the database does not answer");
    }

    /// It is ready, and the loops go on by themselves. It was alive all along, and has said each once.
    async fn goes_on(self) -> (Place, Running) {
        self.daemon.hears("the database answers again");
        until_status(&self.place, "/readyz", 200);
        let store = self.place.store().await;
        let job = abandoned_job(&*store).await;
        while store.job(job).await.unwrap().unwrap().state != JobState::Queued {
            tokio::task::yield_now().await;
        }
        assert!(self.alive.end().unwrap() > 0);
        // A line for each change, and no third one but of figures.
        let mut said = self.daemon.said.lock().unwrap().split_off(self.said_before);
        said.retain(|line| !line.contains("statistics"));
        assert_eq!(said.len(), 2, "{said:#?}");
        assert!(said[0].contains("the database does not answer"), "{said:?}");
        assert!(said[1].contains("the database answers again"), "{said:?}");
        (self.place, self.daemon)
    }
}

/// Loops that have failed three times, those that come often.
fn failing(health: &Value) -> usize {
    let loops = health["loops"].as_object().unwrap();
    let quick = loops.iter().filter(|(name, _)| *name != "retention");
    quick
        .filter(|(_, it)| it["errors_in_a_row"].as_u64().unwrap() >= 3)
        .count()
}

/// The server is gone: connections break, and none is made.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_sat_out() {
    let cluster = PostgresCluster::start();
    let place = Place::on(&cluster).await;
    let program = place.program();
    let ready = Ready::start(place, program);
    cluster.stop_fast();
    // Each loop has failed, and still one line was said.
    ready.is_without(|health| failing(health) >= 7);
    let metrics = ready.place.get("/metrics").1;
    assert!(metrics.contains("leasehold_sweep_errors_total{loop=\"leases\"}"));
    cluster.restart();
    ready.goes_on().await;
}

/// As before, and it delivers as well: the loops of the deliverer say nothing more, and what is published afterwards is
/// sent.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_sat_out_by_who_delivers() {
    let cluster = PostgresCluster::start();
    let place = Place::on(&cluster).await;
    let program = delivering(&place);
    let ready = Ready::start(place, program);
    let store = ready.place.store().await;
    let before = publish(&*store, "before@x").await;
    until_sent(&*store, before).await;
    cluster.stop_fast();
    let channel = |health: &Value| health["channels"]["log"]["errors_in_a_row"].as_u64();
    ready.is_without(|health| failing(health) >= 7 && channel(health) >= Some(3));
    cluster.restart();
    let (place, _daemon) = ready.goes_on().await;
    let store = place.store().await;
    assert_eq!(channel(&healthy(&place)), Some(0));
    let after = publish(&*store, "after@x").await;
    until_sent(&*store, after).await;
    let sent = std::fs::read_to_string(place.delivered()).unwrap();
    assert_eq!(sent.lines().count(), 2, "{sent}");
}

fn healthy(place: &Place) -> Value {
    serde_json::from_str(&until_status(place, "/healthz", 200)).unwrap()
}

/// The server hangs: connections stay, and nothing is answered or refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_sat_out() {
    let cluster = PostgresCluster::start();
    let place = Place::on(&cluster).await;
    let program = place.program();
    let ready = Ready::start(place, program);
    let frozen = cluster.freeze();
    ready.is_without(|_| true);
    drop(frozen);
    ready.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_sat_out_by_who_delivers() {
    let cluster = PostgresCluster::start();
    let place = Place::on(&cluster).await;
    let program = delivering(&place);
    let ready = Ready::start(place, program);
    let frozen = cluster.freeze();
    ready.is_without(|_| true);
    drop(frozen);
    let (place, _daemon) = ready.goes_on().await;
    let store = place.store().await;
    let after = publish(&*store, "after@x").await;
    until_sent(&*store, after).await;
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
