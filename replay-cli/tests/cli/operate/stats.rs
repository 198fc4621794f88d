use fixtures::bed::{Bed, job, job_in, message, secs};
use queue_core::PublishBatch;

use super::site::on_both;

async fn some(bed: &Bed) {
    bed.dead(job(), "BROKEN").await;
    bed.put(job_in("mail")).await;
    bed.put(job_in("mail").delay(secs(600))).await;
    let batch = PublishBatch::new(vec![message("ada@example.org")]).unwrap();
    bed.store.publish(batch).await.unwrap();
}

#[test]
fn figures_are_told() {
    on_both("stats", some, &["stats", "stats --json"]);
}
