//! A report keeps a transaction open, while orders are taken.

use super::unknown;
use crate::drill::Incident;
use crate::scene::{Scene, Unit, until};

const REPORT: &str = "report";
const MANY: u64 = 50_000;

#[derive(Debug, Default)]
pub(super) struct Held;

impl Incident for Held {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => {
                scene.start_sweeper();
                let pid = match scene.is_sqlite() {
                    true => reader_of_the_file(scene),
                    false => session(scene),
                };
                scene.value("PID", &pid);
                // On SQLite more than the pages after which it writes its log back by itself.
                let orders = if scene.is_sqlite() { MANY } else { 1_000 };
                scene.take_orders(0, orders);
            }
            "seen" => scene.until_metric(match scene.is_sqlite() {
                true => "leasehold_wal_pages > 4000",
                false => "leasehold_db_horizon_age_seconds > 1",
            }),
            "gone" => {
                // The next write.
                scene.take_orders(MANY, 1);
            }
            other => unknown(other),
        }
    }
}

fn reader_of_the_file(scene: &Scene) -> String {
    let file = scene.path("jobs.db").display().to_string();
    scene.value("FILE", &file);
    let unit = Unit::new(&scene.path("bin/report"), &[&file]);
    scene.manager.install(REPORT, unit);
    scene.manager.must("start", REPORT);
    assert!(until(|| scene.manager.log(REPORT).contains("reading")));
    scene.manager.process(REPORT).to_string()
}

fn session(scene: &Scene) -> String {
    let psql = scene.postgres().binaries().join("psql");
    let report = [
        &scene.url(),
        "--command=BEGIN",
        "--command=SELECT txid_current()",
        "--command=SELECT pg_sleep(1000)",
    ];
    scene.manager.install(REPORT, Unit::new(&psql, &report));
    scene.manager.must("start", REPORT);
    let mut pid = String::new();
    let found = until(|| {
        let session = "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(1000)'";
        pid = scene.sql(session).trim().to_owned();
        !pid.is_empty()
    });
    assert!(found, "{}", scene.manager.log(REPORT));
    pid
}
