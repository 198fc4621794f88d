//! The files of the programs that write may not grow any more: what is left of a disk that is full.

use std::process::Command;

use queue_core::{JobId, JobState};

use super::unknown;
use crate::drill::Incident;
use crate::scene::{SHOP, SWEEPER, Scene, Unit, until};

#[derive(Debug, Default)]
pub(super) struct Full {
    orders: Vec<JobId>,
    processes: Vec<u32>,
}

impl Incident for Full {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => {
                scene.value("FILE", &scene.path("jobs.db").display().to_string());
                scene.release("1", "works");
                scene.start_sweeper();
                scene.until_status("/readyz", 200);
                scene.start_shop_with(
                    "1",
                    // It is told of writes that fail, and not killed by them.
                    |program| {
                        Unit::new("sh".as_ref(), &["-c", "trap '' XFSZ; exec \"$0\"", program])
                    },
                );
                self.processes = [SWEEPER, SHOP]
                    .map(|unit| scene.manager.process(unit))
                    .to_vec();
                self.limit("0");
                let log = || scene.manager.log(SWEEPER);
                assert!(until(|| log().contains("the disk is full")), "{}", log());
                scene.until_status("/readyz", 503);
                // Accepted by somebody who still could.
                self.orders = scene.take_orders(0, 20);
            }
            "room" => self.limit("unlimited"),
            "ready" => {
                scene.until_status("/readyz", 200);
                let process = scene.manager.process(SWEEPER);
                assert_eq!(process, self.processes[0], "it went on by itself");
            }
            "all-charged" => {
                scene.until_idle();
                super::all_are(scene, &self.orders, JobState::Succeeded);
            }
            other => unknown(other),
        }
    }
}

impl Full {
    /// What the files of the processes may become.
    fn limit(&self, bytes: &str) {
        for process in &self.processes {
            let mut set = Command::new("prlimit");
            set.args([format!("--pid={process}"), format!("--fsize={bytes}:")]);
            assert!(set.status().unwrap().success());
        }
    }
}
