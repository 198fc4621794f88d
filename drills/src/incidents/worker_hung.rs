//! A handler that waits for ever, and then a process that is frozen with what it holds.

use queue_core::{JobId, JobState};

use super::unknown;
use crate::drill::Incident;
use crate::scene::{QUEUE, SHOP, Scene};

#[derive(Debug, Default)]
pub(super) struct Hung {
    orders: Vec<JobId>,
}

impl Incident for Hung {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => {
                scene.start_sweeper();
                scene.release("1", "hangs");
                self.orders = scene.take_orders(0, 1);
                scene.start_shop("1");
                scene.until_job(self.orders[0], JobState::Running);
                scene.value("QUEUE", QUEUE);
                scene.value("JOB", &self.orders[0].to_string());
            }
            "cancelled" => scene.until_job(self.orders[0], JobState::Cancelled),
            "freeze" => {
                self.orders = scene.take_orders(1, 4);
                for &order in &self.orders {
                    scene.until_job(order, JobState::Running);
                }
                scene.manager.signal(SHOP, "STOP");
                // The next process is of a host where the bank answers.
                scene.release("1", "works");
            }
            "done" => {
                scene.until_idle();
                super::all_are(scene, &self.orders, JobState::Succeeded);
            }
            other => unknown(other),
        }
    }
}
