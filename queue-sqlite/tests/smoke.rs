//! The way of a job through the store.
use queue_core::*;
use queue_sqlite::SqliteStore;

fn job(n: u32) -> NewJob {
    NewJob::new(
        QueueName::new("mail").unwrap(),
        KindName::new("send").unwrap(),
        Payload::json(&n).unwrap(),
    )
}

#[tokio::test]
async fn a_job_is_enqueued_claimed_renewed_and_settled() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path().join("a.db")).await.unwrap();
    let made = store
        .enqueue(EnqueueBatch::new(vec![job(1), job(2)]).unwrap())
        .await
        .unwrap();
    assert_eq!(
        made,
        [
            Enqueued::Created(JobId::new(1)),
            Enqueued::Created(JobId::new(2))
        ]
    );
    let request = ClaimRequest::new(
        WorkerName::new("w").unwrap(),
        vec![QueueName::new("mail").unwrap()],
        10,
    )
    .unwrap();
    let claimed = store.claim(request.clone()).await.unwrap();
    assert_eq!(claimed.len(), 2);
    let leases: Vec<_> = claimed.iter().map(|c| c.lease).collect();
    let renewed = store
        .renew(RenewBatch::new(leases.clone(), DEFAULT_LEASE).unwrap())
        .await
        .unwrap();
    assert!(
        renewed
            .iter()
            .all(|r| matches!(r, Renewed::Extended { .. }))
    );
    let settlements = leases
        .iter()
        .map(|lease| Settlement {
            lease: *lease,
            transition: Transition::Finish(Completion::default()),
        })
        .collect();
    let settled = store
        .settle(SettleBatch::new(settlements).unwrap())
        .await
        .unwrap();
    assert_eq!(
        settled,
        [
            Settled::to(JobState::Succeeded),
            Settled::to(JobState::Succeeded)
        ]
    );
    assert_eq!(
        store.job(JobId::new(1)).await.unwrap().unwrap().state,
        JobState::Succeeded
    );
    assert!(
        store
            .live(Page::first(10).unwrap())
            .await
            .unwrap()
            .is_empty()
    );
    store.stats().await.unwrap();
}
