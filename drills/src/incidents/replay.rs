//! A provider is down, and of 5,000 jobs 800 die; when it is back, the service does not know its certificate.

mod service;

use queue_core::{JobState, Page};

use self::service::Service;
use super::unknown;
use crate::drill::Incident;
use crate::scene::Scene;

const JOBS: usize = 5_000;
const VICTIMS: u32 = 800;

#[derive(Default)]
pub(super) struct Outage {
    service: Option<Service>,
}

impl Incident for Outage {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "outage" => {
                self.service = Some(scene.with_store(async |store| {
                    Service::start(&scene.url(), &store, JOBS, VICTIMS as usize).await
                }));
                scene.until_idle();
                scene.until_dead(VICTIMS);
            }
            "idle" => scene.until_idle(),
            "fix" => self.service.as_ref().unwrap().fix(),
            "each-once" => {
                let ends = self.service.take().unwrap().stop();
                assert_eq!(ends.len(), JOBS);
                scene.with_store(async |store| {
                    for (job, successes) in ends {
                        assert_eq!(successes, 1, "job {job}");
                        let view = store.job(job).await.unwrap().unwrap();
                        assert_eq!(view.state, JobState::Succeeded, "job {job}");
                    }
                });
            }
            other => unknown(other),
        }
    }

    /// When so many letters of the second run were seen, and not all.
    fn moment(&self, scene: &Scene, moment: &str) {
        assert_eq!(moment, "half-way");
        scene.until_store("half of the run", async |store| {
            let runs = store.runs(Page::first(1).unwrap().after(1)).await.unwrap();
            runs.first().is_some_and(|run| run.counts.seen() >= 100)
        });
    }
}
