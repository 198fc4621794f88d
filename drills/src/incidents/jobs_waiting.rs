//! A queue is paused, and its worker does not run.

use super::unknown;
use crate::drill::Incident;
use crate::scene::{QUEUE, SHOP, Scene};

/// What somebody has set before.
const OWN_LIMIT: u32 = 3;

#[derive(Debug, Default)]
pub(super) struct Waiting;

impl Incident for Waiting {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => {
                scene.start_sweeper();
                scene.limit_queue(OWN_LIMIT);
                scene.release("1", "works");
                scene.take_orders(0, 20);
                scene.start_shop("1");
                scene.until_idle();
                scene.value("QUEUE", QUEUE);
                // Nothing waits in it at the moment.
                scene.must_run("leasehold queue pause orders --new --reason 'maintenance, OPS-16'");
                scene.take_orders(20, 30);
                scene.manager.must("stop", SHOP);
            }
            "work" => scene.until_idle(),
            "limit-as-before" => scene.queue_is_limited_to(OWN_LIMIT),
            other => unknown(other),
        }
    }
}
