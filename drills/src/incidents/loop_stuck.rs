//! A trigger that somebody has put on the table of jobs refuses to give one of them back.

use std::time::Duration;

use queue_core::{ClaimRequest, JobId, JobState, QueueName, WorkerName};

use super::unknown;
use crate::drill::Incident;
use crate::scene::{QUEUE, Scene};

#[derive(Debug, Default)]
pub(super) struct Stuck {
    jobs: Vec<JobId>,
}

impl Incident for Stuck {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => {
                self.jobs = scene.take_orders(0, 3);
                scene.with_store(async |store| {
                    let worker = WorkerName::new("lost").unwrap();
                    let queues = vec![QueueName::new(QUEUE).unwrap()];
                    let request = ClaimRequest::new(worker, queues, 10).unwrap();
                    let request = request.lease_for(Duration::from_millis(100)).unwrap();
                    assert_eq!(store.claim(request).await.unwrap().len(), 3);
                });
                scene.sql(&trap(scene.is_sqlite(), self.jobs[0]));
                scene.start_sweeper();
                // The others come back all the same.
                for &job in &self.jobs[1..] {
                    scene.until_job(job, JobState::Queued);
                }
            }
            "mend" => {
                let on = if scene.is_sqlite() {
                    ""
                } else {
                    " ON leasehold.job"
                };
                scene.sql(&format!("DROP TRIGGER trap{on}"));
            }
            "all-loops" => {
                scene.until_job(self.jobs[0], JobState::Queued);
                scene.until_status("/healthz", 200);
            }
            other => unknown(other),
        }
    }
}

fn trap(is_sqlite: bool, job: JobId) -> String {
    match is_sqlite {
        true => format!(
            "CREATE TRIGGER trap BEFORE UPDATE ON leasehold.job WHEN old.id = {job}
             BEGIN SELECT raise(ABORT, 'not in this month'); END"
        ),
        false => format!(
            "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS
                 'BEGIN RAISE EXCEPTION ''not in this month''; END';
             CREATE TRIGGER trap BEFORE UPDATE ON leasehold.job FOR EACH ROW WHEN (old.id = {job})
                 EXECUTE FUNCTION trap()"
        ),
    }
}
