//! The database server is gone for a while; the daemon stays.

use super::unknown;
use crate::drill::Incident;
use crate::scene::{SWEEPER, Scene};

#[derive(Debug, Default)]
pub(super) struct NotReady {
    process: u32,
}

impl Incident for NotReady {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => {
                scene.start_sweeper();
                scene.until_status("/readyz", 200);
                self.process = scene.manager.process(SWEEPER);
                scene.postgres().stop_immediate();
                scene.until_status("/readyz", 503);
            }
            "database-back" => scene.postgres().restart(),
            "ready" => {
                scene.until_status("/readyz", 200);
                assert_eq!(
                    scene.manager.process(SWEEPER),
                    self.process,
                    "it went on by itself"
                );
            }
            other => unknown(other),
        }
    }
}
