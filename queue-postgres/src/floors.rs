//! Where claims begin while dead entries pile up at the head of a queue.
//!
//! A session that keeps an old snapshot keeps every dead entry of the index: each claim then walks over all jobs
//! that were claimed since. So a store remembers how far its claims came and begins a little before that. Where
//! it begins late it may pass by a job that was committed late, so it does that only while whole walks are slow
//! and late ones are not, and walks the whole way now and then all the same. Why so: ADR 0024.

mod pace;
mod reach;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use queue_core::{ClaimRequest, Claimed, KindName, QueueName};

use pace::Pace;
pub(crate) use reach::Place;
use reach::Reach;

/// Beyond that all is forgotten: a service claims by a handful of shapes.
const SHAPES: usize = 64;

/// What claims have in common that pass the same jobs by.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Shape {
    queues: Vec<QueueName>,
    kinds: Option<Vec<KindName>>,
}

#[derive(Debug, Default)]
struct Floor {
    pace: Pace,
    reach: Reach,
}

/// How far the claims of a store came.
#[derive(Debug, Default)]
pub(crate) struct Floors(Mutex<HashMap<Shape, Floor>>);

/// Where one claim begins.
#[derive(Debug)]
pub(crate) struct Start {
    shape: Shape,
    at: Instant,
    /// In the order of queues and levels; nothing if it walks the whole way.
    late: Option<Vec<Place>>,
}

impl Floors {
    /// Where a claim begins; `levels` are the priorities of each queue, in order.
    pub(crate) fn start(&self, request: &ClaimRequest, levels: &[i16]) -> Start {
        let shape = Shape {
            queues: request.queues().to_vec(),
            kinds: request.only_kinds().map(<[KindName]>::to_vec),
        };
        let at = Instant::now();
        let floors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let late = floors
            .get(&shape)
            .filter(|floor| floor.pace.begins_late(at) && floor.reach.is_known())
            .map(|floor| {
                let places = shape.queues.iter().flat_map(|queue| {
                    let level = move |level: &i16| floor.reach.floor(queue, *level);
                    levels.iter().map(level)
                });
                places.collect()
            });
        Start { shape, at, late }
    }

    /// Learns from a claim that has ended.
    pub(crate) fn learn(&self, start: Start, took: Duration, claimed: &[Claimed]) {
        let mut floors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if floors.len() >= SHAPES && !floors.contains_key(&start.shape) {
            floors.clear();
        }
        let floor = floors.entry(start.shape).or_default();
        let (now, was_slow) = (start.at + took, floor.pace.is_slow(start.at));
        let jobs = claimed.len();
        floor.pace.learn(start.late.is_some(), now, took, jobs);
        floor.reach.learn(start.at, claimed);
        // The next in a line of jobs becomes ready in its old place.
        if claimed.iter().any(|job| job.ordering_key.is_some()) {
            floor.pace.leave_alone(now);
        }
        match (was_slow, floor.pace.is_slow(now)) {
            (false, true) => tracing::debug!(
                ?took,
                "claims begin late: they walk over dead entries, which a vacuum removes unless a snapshot is held"
            ),
            (true, false) => tracing::debug!(?took, "claims begin at the beginning"),
            _ => {}
        }
    }
}

impl Start {
    /// The place for each pair of a queue and a level; nothing if it walks the whole way.
    pub(crate) fn places(&self) -> Option<&[Place]> {
        self.late.as_deref()
    }
}
