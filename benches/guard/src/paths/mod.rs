//! Going along the paths.

mod core;
mod sqlite;

use anyhow::Result;
use queue_core::{EnqueueBatch, JSON, KindName, NewJob, Payload, QueueName};

use crate::path::HotPath;

/// Bytes of each job.
const PAYLOAD: usize = 200;

/// So many times. What is prepared for it does not depend on how many.
pub(crate) fn go(path: HotPath, times: u32) -> Result<()> {
    match path {
        HotPath::Decide => core::decide_both(times),
        HotPath::Read => core::read(times),
        HotPath::Batch => core::batch(times),
        HotPath::Enqueue => sqlite::enqueue(times, 1),
        HotPath::EnqueueMany => sqlite::enqueue(times, sqlite::MANY),
        HotPath::Work => sqlite::work(times),
        HotPath::Renew => sqlite::renew(times),
    }
}

fn queue() -> Result<QueueName> {
    Ok(QueueName::new("guard")?)
}

fn jobs(many: u32) -> Result<EnqueueBatch> {
    let text = format!("\"{}\"", "x".repeat(PAYLOAD - 2));
    let payload = Payload::new(text.into_bytes(), JSON)?;
    let job = NewJob::new(queue()?, KindName::new("no_op")?, payload);
    Ok(EnqueueBatch::new(vec![job; many as usize])?)
}
