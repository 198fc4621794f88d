//! Dead letters, page after page.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use fixtures::bed::{Bed, decided, memory};
use queue_core::{
    ErrorClass, Failure, LETTER_SCAN, LetterFilter, Outcome, SettleBatch, Settlement,
};
use queue_ops::letters;

async fn dead(bed: &Bed, count: usize, text: &str) {
    bed.put_plain(count).await;
    let claimed = bed.claim(u32::try_from(count).unwrap()).await;
    let settlements = claimed.iter().map(|claimed| {
        let failure = Failure::permanent(ErrorClass::new("BROKEN").unwrap(), text);
        Settlement {
            lease: claimed.lease,
            transition: decided(claimed, Outcome::Failed(failure)),
        }
    });
    let batch = SettleBatch::new(settlements.collect()).unwrap();
    bed.store.settle(batch).await.unwrap();
}

/// Few letters meet the filter, far behind many that do not, and the page is full nevertheless.
#[tokio::test]
async fn a_page_is_as_full_as_it_can_be() {
    let bed = memory().await;
    dead(&bed, 9, "old").await;
    bed.clock.advance(std::time::Duration::from_secs(1));
    for _ in 0..=LETTER_SCAN / 1_000 {
        dead(&bed, 1_000, "new").await;
    }
    let filter = LetterFilter {
        text: Some("OLD".parse().unwrap()),
        ..LetterFilter::default()
    };
    let page = letters::page(&*bed.store, &filter, 7, None).await.unwrap();
    assert_eq!(page.letters.len(), 7);
    let rest = letters::page(&*bed.store, &filter, 7, page.next).await;
    let rest = rest.unwrap();
    assert_eq!((rest.letters.len(), rest.next), (2, None));
    let all = letters::all(&*bed.store, &filter).await.unwrap();
    assert_eq!(all.len(), 9);
    let all = letters::all(&*bed.store, &LetterFilter::default()).await;
    assert_eq!(all.unwrap().len(), 9 + 11_000);
}
