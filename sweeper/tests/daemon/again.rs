//! A job whose replay comes to the same end: the daemon that finds it tells of it, by its own channels.

use std::time::Duration;

use fixtures::bed::{Bed, job, queue, worker};
use queue_core::{
    ClaimRequest, JobId, JobState, LetterState, ManualClock, NotificationState, Page,
};

use crate::harness::{Place, Running, delivering};

/// Claims the job, and leaves it to its lease.
async fn abandon(bed: &Bed, id: JobId) {
    let request = ClaimRequest::new(worker("w"), vec![queue("q")], 1).unwrap();
    let request = request.lease_for(Duration::from_millis(100)).unwrap();
    let claimed = bed.store.claim(request).await.unwrap();
    assert_eq!(claimed[0].id(), id);
    while bed.state(id).await != JobState::Dead {
        tokio::task::yield_now().await;
    }
}

async fn letter(bed: &Bed, id: JobId) -> LetterState {
    bed.store.dead_letter(id).await.unwrap().unwrap().state
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_death_of_the_same_is_escalated_and_told() {
    for place in [Place::sqlite().await, Place::postgres().await] {
        let bed = Bed {
            store: place.store().await,
            clock: ManualClock::default(),
            reopen: Box::new(|| unreachable!("nobody opens it once more")),
            transactions: None,
            keep: Box::new(()),
        };
        let daemon = Running::start(delivering(&place));
        daemon.hears("every loop has had its first pass");
        let id = bed.put(job().max_attempts(1)).await;
        abandon(&bed, id).await;
        assert_eq!(letter(&bed, id).await, LetterState::Open);
        assert!(!place.delivered().exists(), "that alone is not told");
        bed.replay_with_evidence(id).await;
        abandon(&bed, id).await;
        assert_eq!(letter(&bed, id).await, LetterState::Escalated);
        let page = || Page::first(10).unwrap();
        while bed
            .store
            .notifications(NotificationState::Sent, page())
            .await
            .unwrap()
            .is_empty()
        {
            tokio::task::yield_now().await;
        }
        let told = std::fs::read_to_string(place.delivered()).unwrap();
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.contains("job_died_again"), "{told}");
    }
}
