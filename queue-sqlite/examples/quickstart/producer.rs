//! Eight tasks that enqueue, one job per call: the store commits what arrives together in groups.

use anyhow::Result;
use indicatif::ProgressBar;
use queue_core::{EnqueueBatch, IdempotencyKey, JobStore, KindName, NewJob, Payload};
use queue_sqlite::SqliteStore;
use tokio::task::JoinSet;

use crate::{JOBS, PRODUCERS, queue};

pub(crate) async fn produce(store: &SqliteStore, progress: &ProgressBar) -> Result<()> {
    let mut tasks = JoinSet::new();
    for producer in 0..PRODUCERS {
        let (store, progress) = (store.clone(), progress.clone());
        tasks.spawn(async move {
            for number in (producer..JOBS).step_by(PRODUCERS) {
                let payload = Payload::json(&serde_json::json!({ "greet": number }))?;
                let job = NewJob::new(queue()?, KindName::new("greet")?, payload)
                    .idempotent(IdempotencyKey::new(format!("greet {number}"))?);
                store.enqueue(EnqueueBatch::one(job)).await?;
                progress.inc(1);
            }
            anyhow::Ok(())
        });
    }
    while let Some(produced) = tasks.join_next().await {
        produced??;
    }
    Ok(())
}
