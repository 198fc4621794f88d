//! What pages find in their database: a service after a bad day.

use std::sync::Arc;

use fixtures::bed::{Bed, delivery_lease, job_in, message, permanent, retryable};
use queue_core::{Delivery, DeliveryPhase, ManualClock, Outcome, PublishBatch, Store};
use queue_ops::Database;

/// Sixty jobs, a third of them dead, among those 42; one of them still runs. Twenty messages: 17 and 18 are
/// in doubt, 3 has failed, some were sent, some are to be sent.
pub(crate) fn bad_day(url: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let database = Database::parse(url).unwrap();
        database.migrate().await.unwrap();
        let opened = database.open().await.unwrap();
        let store: Arc<dyn Store> = Arc::clone(&opened.store);
        let bed = Bed {
            store,
            clock: ManualClock::default(),
            reopen: Box::new(|| unreachable!("nobody opens it once more")),
            transactions: None,
            keep: Box::new(()),
        };
        jobs(&bed).await;
        messages(&bed).await;
        drop(bed);
        drop(opened.store);
        opened.backend.close().await;
    });
}

async fn jobs(bed: &Bed) {
    for number in 1..=60 {
        let queue = if number % 4 == 0 { "billing" } else { "mail" };
        bed.put(job_in(queue)).await;
    }
    for _ in 0..41 {
        let Some(claimed) = bed.claim_from(&["mail", "billing"], 1).await.pop() else {
            break;
        };
        let number = claimed.id().get();
        let outcome = match number {
            42 => Outcome::Failed(permanent("AUTH_DENIED")),
            n if n % 3 == 0 => Outcome::Failed(permanent("NETWORK_TIMEOUT")),
            _ => Outcome::Done(queue_core::Completion::default()),
        };
        bed.settle(&claimed, outcome).await;
    }
    drop(bed.claim_from(&["mail"], 1).await);
}

async fn messages(bed: &Bed) {
    let all = (1..=20).map(|number| message(&format!("customer-{number}@example.org")));
    let all = PublishBatch::new(all.collect()).unwrap();
    bed.store.publish(all).await.unwrap();
    for row in bed.lease_rows(18).await {
        match row.id.get() {
            3 => {
                let failure = permanent("AUTH_DENIED");
                bed.mark(&row, Delivery::Failed { failure }).await;
            }
            17 | 18 => {
                let lease = delivery_lease(bed, &row);
                assert!(bed.note_phase(&lease, DeliveryPhase::Committing).await);
                let failure = retryable("REPLY_LOST");
                bed.mark(&row, Delivery::InDoubt { failure }).await;
            }
            _ => {
                bed.sent(&row).await;
            }
        }
    }
}
