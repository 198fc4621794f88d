//! Two who apply one plan at once, each in a process of its own.

use std::collections::HashSet;

use fixtures::bed::{Bed, class, job_in, permanent};
use queue_core::{AuditFilter, AuditPage, JobId, LetterFilter, LetterPage, LetterState, Outcome};

use super::Site;
use crate::Ran;

const OPS: &str = "--reason OPS-17 --include-unsafe";
const LETTERS: usize = 20;

/// How often: as CI runs it with `LEASEHOLD_SLOW=1` a hundred times on each database.
fn rounds() -> usize {
    match std::env::var_os("LEASEHOLD_SLOW") {
        Some(_) => 100,
        None => 8,
    }
}

/// Letters of a class of their own, in a queue of their own.
async fn some_die(bed: &Bed, round: usize) {
    let queue = format!("q{round}");
    bed.offer_all((0..LETTERS).map(|_| job_in(&queue)).collect())
        .await;
    for claimed in bed.claim_from(&[&queue], 1_000).await {
        let failure = permanent(&format!("ROUND_{round}"));
        bed.settle(&claimed, Outcome::Failed(failure)).await;
    }
}

/// Each of them was replayed once: by its own count, by the trail, and by what there is to be claimed.
async fn each_once(bed: &Bed, round: usize) {
    let filter = LetterFilter {
        error_class: Some(class(&format!("ROUND_{round}"))),
        ..LetterFilter::default()
    };
    let letters = bed
        .store
        .letters(&filter, LetterPage::first(1_000).unwrap());
    let letters = letters.await.unwrap().letters;
    assert_eq!(letters.len(), LETTERS, "round {round}");
    for letter in &letters {
        let how = (letter.state, letter.replays);
        assert_eq!(how, (LetterState::Replaying, 1), "round {round}");
    }
    let jobs: HashSet<JobId> = letters.iter().map(|letter| letter.job).collect();
    let claimed = bed.claim_from(&[&format!("q{round}")], 1_000).await;
    let claimed: Vec<_> = claimed.iter().map(queue_core::Claimed::id).collect();
    assert_eq!(claimed.len(), LETTERS, "round {round}");
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>(), jobs);
    let filter = AuditFilter {
        action: Some("dead_letter.replay".to_owned()),
        ..AuditFilter::default()
    };
    // One more than there may be of this round.
    let newest = AuditPage::newest(LETTERS as u32 + 1).unwrap();
    let replayed = bed.store.audit(&filter, newest).await.unwrap().records;
    let targets: Vec<_> = replayed
        .iter()
        .map(|one| one.entry.target.clone())
        .collect();
    let of_round = |target: &&String| jobs.iter().any(|job| **target == format!("job:{job}"));
    assert_eq!(
        targets.iter().filter(of_round).count(),
        LETTERS,
        "round {round}: {targets:?}"
    );
}

/// One of them does it all. The other one finds the run held, or over, or waits for it and finds it over: 4, which
/// says that nothing was done.
#[test]
fn two_at_once_replay_each_letter_once() {
    for site in Site::both() {
        let mut held = 0;
        for round in 0..rounds() {
            site.seed(async |bed| some_die(bed, round).await);
            let line = format!(
                "replay plan --error-class ROUND_{round} --out plan-{round}.json --attach-evidence OPS-17 \
                 --reason OPS-17"
            );
            assert_eq!(site.run(&line).code, 0);
            let waits = ["", " --when-free"][round % 2];
            let line = format!("replay apply plan-{round}.json {OPS}{waits}");
            let both = [(); 2].map(|()| site.command(&line).spawn().unwrap());
            let both = both.map(|child| Ran::of(&child.wait_with_output().unwrap()));
            let mut codes = [both[0].code, both[1].code];
            codes.sort_unstable();
            assert_eq!(codes, [0, 4], "round {round}: {both:?}");
            for ran in &both {
                if ran.code == 4 {
                    let is_held = ran.stderr.contains(" is held by ");
                    held += usize::from(is_held);
                    let is_over = ran.stderr.contains(" was applied by run ");
                    assert!(is_over || is_held && waits.is_empty(), "{ran:?}");
                } else {
                    assert!(ran.stdout.contains("\nreplayed\t20\n"), "{ran:?}");
                }
            }
            site.seed(async |bed| each_once(bed, round).await);
        }
        eprintln!("{held} times one found the other at it");
    }
}
