//! The primary is killed while orders are taken; a synchronous standby is there.

use std::fs;
use std::time::{Duration, Instant};

use fixtures::postgres::PostgresCluster;
use queue_core::{JobId, JobState};

use super::{figure, unknown};
use crate::drill::Incident;
use crate::scene::{Scene, until};

#[derive(Debug, Default)]
pub(super) struct Failover {
    standby: Option<PostgresCluster>,
    accepted: Vec<JobId>,
    promoting: Duration,
    began: Option<Instant>,
    ready: Duration,
    lost: usize,
}

impl Incident for Failover {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => self.begin(scene),
            "ready" => {
                scene.until_status("/readyz", 200);
                self.ready = self.began.unwrap().elapsed();
            }
            "all-charged" => {
                scene.lead_to(&self.standby.as_ref().unwrap().url("t0"));
                scene.until_idle();
                self.lost = super::unknown_of(scene, &self.accepted);
                assert_eq!(self.lost, 0);
                super::all_are(scene, &self.accepted, JobState::Succeeded);
            }
            other => unknown(other),
        }
    }

    fn ran(&mut self, command: &str, took: Duration) {
        if command.contains("pg_promote") {
            // From here on it is known what to do.
            self.began = Instant::now().checked_sub(took);
            self.promoting = took;
        }
    }

    fn measured(&self, _: &Scene) -> Option<Vec<Vec<String>>> {
        let accepted = self.accepted.len().to_string();
        Some(vec![
            vec!["orders accepted before".to_owned(), accepted],
            vec!["of them lost (RPO)".to_owned(), self.lost.to_string()],
            vec!["promoting".to_owned(), figure(self.promoting)],
            vec![
                "from promoting to the daemon's being ready (RTO)".to_owned(),
                figure(self.ready),
            ],
        ])
    }
}

impl Failover {
    fn begin(&mut self, scene: &Scene) {
        let primary = scene.postgres();
        // Before it is cloned, as the settings of a real one are.
        scene.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
        let standby = primary.start_standby("standby");
        scene.sql("SELECT pg_reload_conf()");
        let is_synchronous = || {
            let state = scene.sql("SELECT sync_state FROM pg_stat_replication");
            state.trim() == "sync"
        };
        assert!(until(is_synchronous), "{}", primary.log_text());

        let file = scene.path("database-url");
        fs::write(&file, scene.url()).unwrap();
        scene.configure_at(&format!("url_file = {file:?}"), "");
        scene.value("URL_FILE", &file.display().to_string());
        scene.value("OLD_URL", &scene.url());
        scene.value("NEW_URL", &standby.url("t0"));
        scene.release("1", "works");
        scene.start_sweeper();
        scene.until_status("/readyz", 200);
        for some in 0..20 {
            self.accepted.extend(scene.take_orders(some * 50, 50));
        }
        scene.start_shop("1");
        scene.until_store("some are charged", async |store| {
            let stats = store.stats().await.unwrap();
            let mut queues = stats.queues.iter();
            queues.any(|queue| queue.ready.counted < 900)
        });
        primary.stop_immediate();
        scene.until_status("/readyz", 503);
        self.standby = Some(standby);
    }
}
