//! What goes wrong, page by page. A file has the name of its page; what it does at which act is said by the page.

mod audit_broken;
mod backup;
mod bad_deploy;
mod dead_letters_rising;
mod deliveries_failing;
mod disk_full;
mod failover;
mod horizon_held;
mod in_doubt;
mod jobs_waiting;
mod loop_stuck;
mod migrate;
mod not_ready;
mod outbox_lag;
mod replay;
mod rotate_credentials;
mod worker_hung;

use std::time::Duration;

use queue_core::{JobId, JobState};

use crate::drill::{Drill, Incident};
use crate::scene::Scene;

const BOTH: &[&str] = &["sqlite", "postgres"];
const SQLITE: &[&str] = &["sqlite"];
const POSTGRES: &[&str] = &["postgres"];

/// How many there are.
pub(crate) const COUNT: usize = 17;

/// All of them, by name.
pub(crate) const ALL: [Drill; COUNT] = [
    drill("audit-broken", BOTH, begin::<audit_broken::Broken>),
    drill("backup", BOTH, begin::<backup::Backup>),
    drill("bad-deploy", BOTH, begin::<bad_deploy::Deploy>),
    drill(
        "dead-letters-rising",
        BOTH,
        begin::<dead_letters_rising::Rising>,
    ),
    drill(
        "deliveries-failing",
        BOTH,
        begin::<deliveries_failing::Failing>,
    ),
    drill("disk-full", SQLITE, begin::<disk_full::Full>),
    alone(drill("failover", POSTGRES, begin::<failover::Failover>)),
    alone(drill("horizon-held", BOTH, begin::<horizon_held::Held>)),
    drill("in-doubt", BOTH, begin::<in_doubt::Doubt>),
    drill("jobs-waiting", BOTH, begin::<jobs_waiting::Waiting>),
    drill("loop-stuck", BOTH, begin::<loop_stuck::Stuck>),
    drill("migrate", BOTH, begin::<migrate::Migrate>),
    alone(drill("not-ready", POSTGRES, begin::<not_ready::NotReady>)),
    drill("outbox-lag", BOTH, begin::<outbox_lag::Lag>),
    drill("replay", BOTH, begin::<replay::Outage>),
    alone(drill(
        "rotate-credentials",
        POSTGRES,
        begin::<rotate_credentials::Rotate>,
    )),
    drill("worker-hung", BOTH, begin::<worker_hung::Hung>),
];

const fn drill(
    name: &'static str,
    databases: &'static [&'static str],
    begin: fn() -> Box<dyn Incident>,
) -> Drill {
    Drill {
        name,
        databases,
        is_alone: false,
        begin,
    }
}

/// In which the server is stopped, or everybody on it is concerned.
const fn alone(drill: Drill) -> Drill {
    Drill {
        is_alone: true,
        ..drill
    }
}

fn begin<I: Incident + Default + 'static>() -> Box<dyn Incident> {
    Box::<I>::default()
}

/// What a page calls by a name that its drill does not know.
fn unknown(act: &str) -> ! {
    panic!("this drill knows no act `{act}`")
}

/// Mail, by a relay on this machine.
fn mail_channel(port: u16, more: &str) -> String {
    format!(
        "[channels.email]\ntype = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n\
         sender = \"bounces@example.org\"\n{more}"
    )
}

/// Each of these jobs has come to this.
fn all_are(scene: &Scene, jobs: &[JobId], state: JobState) {
    scene.with_store(async |store| {
        for &job in jobs {
            let view = store.job(job).await.unwrap().unwrap();
            assert_eq!(view.state, state, "job {job}");
        }
    });
}

/// How many of these jobs nobody knows of any more.
fn unknown_of(scene: &Scene, jobs: &[JobId]) -> usize {
    scene.with_store(async |store| {
        let mut unknown = 0;
        for &job in jobs {
            unknown += usize::from(store.job(job).await.unwrap().is_none());
        }
        unknown
    })
}

/// A time, as tables have it.
fn figure(took: Duration) -> String {
    match took.as_millis() {
        millis @ 0..1_000 => format!("{millis} ms"),
        _ => format!("{:.1} s", took.as_secs_f64()),
    }
}
