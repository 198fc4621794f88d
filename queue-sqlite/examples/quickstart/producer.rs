//! Eight tasks that enqueue, one job per call: the store commits what arrives together in groups.

use anyhow::Result;
use indicatif::ProgressBar;
use queue_core::Queue;
use tokio::task::JoinSet;

use crate::greet::Greet;
use crate::{JOBS, PRODUCERS};

pub(crate) async fn produce(queue: &Queue, progress: &ProgressBar) -> Result<()> {
    let mut tasks = JoinSet::new();
    for producer in 0..PRODUCERS {
        let (queue, progress) = (queue.clone(), progress.clone());
        tasks.spawn(async move {
            for number in (producer..JOBS).step_by(PRODUCERS) {
                queue.enqueue(Greet { number }).await?;
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
