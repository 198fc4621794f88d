//! The key of a provider has expired: orders die of it, one after the other.

use queue_core::{JobId, JobState};

use super::unknown;
use crate::drill::Incident;
use crate::scene::{QUEUE, Scene};

/// What somebody has set before.
const OWN_LIMIT: u32 = 3;

#[derive(Debug, Default)]
pub(super) struct Rising {
    orders: Vec<JobId>,
}

impl Incident for Rising {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => {
                scene.start_sweeper();
                scene.limit_queue(OWN_LIMIT);
                scene.release("1", "dies AUTH_DENIED");
                self.orders = scene.take_orders(0, 12);
                scene.start_shop("1");
                scene.until_dead(12);
                scene.value("QUEUE", QUEUE);
                scene.value("CLASS", "AUTH_DENIED");
                scene.value("JOB", &self.orders[0].to_string());
            }
            "mend" => {
                // What comes meanwhile waits, and does not die.
                self.orders.extend(scene.take_orders(12, 5));
                scene.release("1", "works");
            }
            "all-charged" => {
                scene.until_idle();
                super::all_are(scene, &self.orders, JobState::Succeeded);
            }
            "limit-as-before" => scene.queue_is_limited_to(OWN_LIMIT),
            other => unknown(other),
        }
    }
}
