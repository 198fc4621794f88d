//! What happens while the dashboard looks on: a bank and a receiver go down, a worker dies, what died is replayed.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use queue_core::{
    Act, Actor, Begun, Evidence, JobSet, LetterFilter, NewRun, ReplayRun, Store, WorkerName,
};
use queue_ops::replay::{Draft, Driver, Ended, Kinds, Settings, Step, Watch};

use crate::harness::{Place, Running};
use crate::prometheus::free_port;
use crate::service::{Service, serve_metrics};

const ORDERS_A_SECOND: u64 = 12;

/// When what happens, as a share of the whole. The page says what each is.
const SCRIPT: [(f64, char); 6] = [
    (0.15, 'A'),
    (0.3, 'B'),
    (0.45, 'C'),
    (0.58, 'D'),
    (0.68, 'E'),
    (0.82, 'F'),
];

/// A daemon that delivers, a service, and the database of both.
pub(crate) struct Incident {
    pub(crate) daemon: SocketAddr,
    pub(crate) metrics: SocketAddr,
    store: Arc<dyn Store>,
    service: Service,
    _running: Running,
    _place: Place,
}

/// What happened, and when, in Unix seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    pub(crate) at: f64,
    pub(crate) letter: char,
}

/// Unix seconds of this machine, as Prometheus has them.
pub(crate) fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs_f64()
}

fn delivering(place: &Place, listen: SocketAddr) -> Command {
    let config = place.dir.path().join("leasehold.toml");
    let text = "[channels.shop]\ntype = \"webhook\"\nunsigned = true\nallow_cleartext = true\n\
                allow_networks = [\"127.0.0.0/8\"]\nretry_base = \"1s\"\nretry_cap = \"4s\"\n\
                breaker_failures = 5\nbreaker_first = \"2s\"\nbreaker_most = \"4s\"\n";
    std::fs::write(&config, text).unwrap();
    let mut command = place.program();
    command.arg("--config").arg(config);
    command.env("LEASEHOLD_HTTP_LISTEN", listen.to_string());
    for every in [
        "LEASES",
        "DOUBTS",
        "SCHEDULES",
        "STATISTICS",
        "ESCALATIONS",
        "AUDIT",
        "RETENTION",
    ] {
        command.env(format!("LEASEHOLD_SWEEPER_{every}_EVERY"), "1s");
    }
    command
}

impl Incident {
    pub(crate) async fn prepare() -> Self {
        let place = Place::sqlite().await;
        let store = place.store().await;
        let daemon = free_port();
        let running = Running::start(delivering(&place, daemon));
        running.hears("every loop has had its first pass");
        let metrics = serve_metrics();
        let service = Service::start(&store, ORDERS_A_SECOND);
        Self {
            daemon,
            metrics,
            store,
            service,
            _running: running,
            _place: place,
        }
    }

    /// All of it, in so long; what comes when is a share of that.
    pub(crate) async fn unfold(&mut self, length: Duration) -> Vec<Mark> {
        let begin = tokio::time::Instant::now();
        let mut marks = Vec::new();
        for (share, letter) in SCRIPT {
            tokio::time::sleep_until(begin + length.mul_f64(share)).await;
            marks.push(Mark { at: now(), letter });
            let world = self.service.world();
            match letter {
                'A' => world.far_side.set_down(true),
                'B' => {
                    world.far_side.set_down(false);
                    world.bank_is_down.store(true, Ordering::Relaxed);
                }
                'C' => world.bank_is_down.store(false, Ordering::Relaxed),
                'D' => self.service.kill(),
                'E' => self.service.revive(),
                _ => self.replay().await,
            }
        }
        tokio::time::sleep_until(begin + length).await;
        marks
    }

    /// What died of the network, by a plan.
    async fn replay(&self) {
        let store = &*self.store;
        let ada = Actor::new("ada").unwrap();
        let act = Act::new(ada.clone(), "the bank is back");
        let filter = LetterFilter {
            error_class: Some(queue_core::ErrorClass::network_timeout()),
            ..LetterFilter::default()
        };
        let draft = Draft::gather(store, filter).await.unwrap();
        for jobs in draft.lacking().chunks(500) {
            let evidence = Evidence::new("OPS-17", "the bank was down").unwrap();
            let jobs = JobSet::new(jobs.to_vec()).unwrap();
            store
                .attach_evidence_to(&jobs, evidence, &act)
                .await
                .unwrap();
        }
        let draft = draft.renewed(store).await.unwrap();
        let letters = draft.letters().len();
        if letters == 0 {
            return;
        }
        let plan = draft
            .plan(store, &Kinds::default(), ada, false)
            .await
            .unwrap();
        let holder = WorkerName::new("pictures").unwrap();
        let count = u32::try_from(letters).unwrap();
        let run = NewRun::new(
            plan.digest().clone(),
            count,
            holder,
            Duration::from_secs(30),
        );
        let begun: Begun = store.begin_run(run.unwrap(), &act).await.unwrap();
        let driver = Driver::new(store, &act, &begun, &plan, true, false)
            .await
            .unwrap();
        let pace = Settings {
            pace: Some("10/s".parse().unwrap()),
            ..Settings::default()
        };
        let ended = driver
            .unwrap()
            .settings(pace)
            .drive(&mut Unwatched)
            .await
            .unwrap();
        assert!(matches!(ended, Ended::Finished(_)), "{ended:?}");
    }
}

/// Nobody stops it.
struct Unwatched;

impl Watch for Unwatched {
    fn is_told_to_stop(&self) -> bool {
        false
    }

    fn stands(&mut self, _: &ReplayRun, _: Step) {}
}

/// What stays without data here, and why that is right.
pub(crate) fn silent() -> BTreeSet<&'static str> {
    BTreeSet::from([
        // Of Postgres, and this is SQLite.
        "How long the oldest transaction has been open (Postgres)",
        // Nobody's late result comes here: a worker that is killed says nothing.
        "Writes that a fence refused",
        // No loop fails.
        "Errors",
    ])
}
