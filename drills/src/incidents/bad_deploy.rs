//! A release panics on every order.

use queue_core::{JobId, JobState};

use super::unknown;
use crate::drill::Incident;
use crate::scene::{QUEUE, SHOP, Scene};

/// What somebody has set before.
const OWN_LIMIT: u32 = 3;

#[derive(Debug, Default)]
pub(super) struct Deploy {
    orders: Vec<JobId>,
}

impl Incident for Deploy {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => {
                scene.start_sweeper();
                scene.limit_queue(OWN_LIMIT);
                scene.release("1", "works");
                scene.release("2", "panics");
                self.orders = scene.take_orders(0, 10);
                scene.start_shop("1");
                scene.until_idle();
                scene.manager.must("stop", SHOP);
                scene.start_shop("2");
                self.orders.extend(scene.take_orders(10, 10));
                scene.until_dead(10);
                scene.value("QUEUE", QUEUE);
                let (good, current) = (scene.path("releases/1"), scene.path("current"));
                let back = format!("ln -sfn {} {}", good.display(), current.display());
                scene.value("ROLLBACK", &back);
                scene.value("SINCE", "1h");
            }
            "work" => {
                self.orders.extend(scene.take_orders(20, 5));
                scene.until_idle();
                scene.until_dead(10);
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
