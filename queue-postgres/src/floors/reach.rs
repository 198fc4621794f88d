//! How far claims came on each level of each queue.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use queue_core::{Claimed, QueueName, Timestamp};

/// A claim begins where claims were so long ago, at least: jobs are not committed in the order of their times, and
/// whoever enqueues in a transaction of its own may take a while.
const MARGIN: Duration = Duration::from_secs(2);

/// A place in the order of claims.
pub(crate) type Place = (Timestamp, i64);

/// Before all jobs.
const BEGINNING: Place = (Timestamp::from_micros(i64::MIN), i64::MIN);

/// A level of a queue.
type Level = (QueueName, i16);

/// Where the claims are, and where they were a while ago.
#[derive(Debug, Default)]
pub(super) struct Reach {
    now: HashMap<Level, Place>,
    /// When the next was taken, and the one before: a floor is between one margin and two old.
    taken_at: Option<Instant>,
    next: HashMap<Level, Place>,
    floor: HashMap<Level, Place>,
}

impl Reach {
    /// Whether claims go on for long enough to say where they were a while ago.
    pub(super) fn is_known(&self) -> bool {
        !self.floor.is_empty()
    }

    pub(super) fn floor(&self, queue: &QueueName, level: i16) -> Place {
        let found = self.floor.get(&(queue.clone(), level));
        found.copied().unwrap_or(BEGINNING)
    }

    /// What was claimed, queue by queue and level by level in order.
    pub(super) fn learn(&mut self, at: Instant, claimed: &[Claimed]) {
        if self.taken_at.is_none_or(|taken| at >= taken + MARGIN) {
            self.floor = std::mem::replace(&mut self.next, self.now.clone());
            self.taken_at = Some(at);
        }
        let place = |job: &Claimed| (job.queue.clone(), job.priority.get());
        for together in claimed.chunk_by(|a, b| a.queue == b.queue && a.priority == b.priority) {
            let (Some(first), Some(last)) = (together.first(), together.last()) else {
                continue;
            };
            let (level, begins) = (place(first), place_of(first));
            self.now.insert(level.clone(), place_of(last));
            // Jobs before the floor: there may be more behind these.
            for earlier in [&mut self.next, &mut self.floor] {
                if let Some(there) = earlier.get_mut(&level)
                    && *there > begins
                {
                    *there = begins;
                }
            }
        }
    }
}

fn place_of(job: &Claimed) -> Place {
    (job.run_at, job.id().get())
}
