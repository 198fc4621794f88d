//! A database of the schema before this one, with orders in it, and the programs of this one.

use queue_core::{JobId, JobState};

use super::unknown;
use crate::drill::Incident;
use crate::scene::{SHOP, SWEEPER, Scene};

#[derive(Debug, Default)]
pub(super) struct Migrate {
    orders: Vec<JobId>,
}

impl Incident for Migrate {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => {
                scene.release("1", "works");
                scene.start_sweeper();
                scene.start_shop("1");
                scene.manager.must("stop", SHOP);
                scene.manager.must("stop", SWEEPER);
                self.orders = scene.take_orders(0, 50);
                let before = steps(scene) - 1;
                scene.value("VERSION", &before.to_string());
                scene.must_run(&format!("leasehold migrate down --to {before} --yes"));
                // It finds another schema, and ends.
                scene.must_run("sh -c 'systemctl start leasehold-sweeper && exit 1 || exit 0'");
            }
            "works" => {
                scene.until_idle();
                super::all_are(scene, &self.orders, JobState::Succeeded);
            }
            "still-there" => {}
            "all-charged" => {
                scene.until_status("/readyz", 200);
                // What was done before is still known, and new orders are charged.
                self.orders.extend(scene.take_orders(50, 20));
                scene.until_idle();
                super::all_are(scene, &self.orders, JobState::Succeeded);
            }
            other => unknown(other),
        }
    }
}

/// How many steps the schema of this version has.
fn steps(scene: &Scene) -> usize {
    let status = scene.must_run("leasehold migrate status");
    status.output.lines().count()
}
