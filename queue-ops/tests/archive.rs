//! Archiving the audit trail, ended anywhere and gone on with.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fixtures::bed::{Bed, ada, memory};
use fixtures::delivery::{Hook, Hooked};
use queue_core::{
    AuditFilter, AuditPage, AuditVerifier, ExportItem, ExportReader, QueueChange, Seal, Store,
    StoreError,
};
use queue_ops::archive::{ArchiveError, Archived, archive_audit, trail};
use queue_ops::{AuditKey, AuditKeyring};

/// Fails at one verb, before or after it is done: as if the process died there.
#[derive(Debug, Clone, Copy)]
struct Dies {
    at: &'static str,
    after: bool,
}

#[async_trait::async_trait]
impl Hook for Dies {
    async fn before(&self, verb: &'static str) -> Result<(), StoreError> {
        self.die(verb, false)
    }

    async fn after(&self, verb: &'static str) -> Result<(), StoreError> {
        self.die(verb, true)
    }
}

impl Dies {
    fn die(self, verb: &str, after: bool) -> Result<(), StoreError> {
        if verb == self.at && after == self.after {
            return Err(StoreError::Closed { operation: self.at });
        }
        Ok(())
    }
}

async fn acts(bed: &Bed, count: usize) {
    for _ in 0..count {
        let change = QueueChange {
            fair: Some(true),
            ..QueueChange::default()
        };
        bed.configure(change).await;
    }
}

async fn archive(store: &dyn Store, path: &Path, key: &AuditKey) -> Result<Archived, ArchiveError> {
    let later = store.now().await.unwrap() + std::time::Duration::from_secs(1);
    archive_audit(store, later, path, key, &ada(), || true).await
}

/// The records in a file and those that are left, as one chain.
async fn whole(store: &dyn Store, path: &Path, key: &AuditKey) -> i64 {
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    let (header, mut items) = ExportReader::open(file).unwrap();
    let keys = AuditKeyring(vec![key.public()]);
    let mut verifier = AuditVerifier::new(header.database, header.first).with_keys(&keys);
    let mut last = header.first - 1;
    while let Some(item) = items.next_item().unwrap() {
        verifier.item(&item).unwrap();
        if let ExportItem::Record(record) = item {
            last = record.seq;
        }
    }
    let seal = store.audit_seal().await.unwrap();
    let first = Seal::begins(seal.as_ref());
    assert!(first <= last + 1, "record {} is nowhere", last + 1);
    let page = AuditPage::oldest(1000).unwrap().behind(last);
    let rest = store.audit(&AuditFilter::default(), page).await.unwrap();
    for record in &rest.records {
        verifier.record(record).unwrap();
    }
    verifier.finish().unwrap().last
}

fn file() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.jsonl");
    (dir, path)
}

#[tokio::test]
async fn ended_anywhere_it_goes_on() {
    for at in ["audit_seal", "audit", "seal_audit", "shorten_audit"] {
        for after in [false, true] {
            let (bed, key, (_dir, path)) = (memory().await, AuditKey::generate(), file());
            acts(&bed, 5).await;
            let hook = Dies { at, after };
            let dying: Arc<dyn Store> = Arc::new(Hooked::new(Arc::clone(&bed.store), hook));
            assert!(archive(&*dying, &path, &key).await.is_err(), "{at}");
            if path.exists() {
                whole(&*bed.store, &path, &key).await;
            } else {
                assert_eq!(
                    bed.audit().await.len(),
                    5,
                    "nothing is gone that is in no file"
                );
            }
            // The same again.
            archive(&*bed.store, &path, &key).await.unwrap();
            assert_eq!(whole(&*bed.store, &path, &key).await, 6, "{at} {after}");
            let seal = bed.store.audit_seal().await.unwrap().unwrap();
            assert_eq!(
                (seal.checkpoint().seq, Path::new(seal.archive())),
                (5, &*path)
            );
            let left = AuditPage::oldest(10).unwrap();
            let left = bed
                .store
                .audit(&AuditFilter::default(), left)
                .await
                .unwrap();
            assert_eq!(left.records[0].seq, 6, "{at} {after}");
        }
    }
}

#[tokio::test]
async fn it_stops_when_it_is_told_and_goes_on_later() {
    let (bed, key, (_dir, path)) = (memory().await, AuditKey::generate(), file());
    acts(&bed, 3).await;
    let later = bed.clock.now() + std::time::Duration::from_secs(1);
    let mut asked = 0;
    let once = || {
        asked += 1;
        asked == 1
    };
    let done = archive_audit(&*bed.store, later, &path, &key, &ada(), once).await;
    let done = done.unwrap();
    assert_eq!(
        (done.records, done.removed, done.stopped),
        (Some((1, 3)), 0, true)
    );
    let done = archive(&*bed.store, &path, &key).await.unwrap();
    assert_eq!((done.records, done.removed, done.stopped), (None, 3, false));
}

#[tokio::test]
async fn another_file_is_not_taken_for_the_archive() {
    let (bed, key, (dir, path)) = (memory().await, AuditKey::generate(), file());
    acts(&bed, 2).await;
    std::fs::write(&path, "mine").unwrap();
    let refused = archive(&*bed.store, &path, &key).await.unwrap_err();
    assert!(matches!(refused, ArchiveError::Other { .. }), "{refused}");
    assert_eq!(bed.audit().await.len(), 2);

    // Nor an archive of another trail, whoever has signed it.
    let other = memory().await;
    acts(&other, 3).await;
    let of_other = dir.path().join("other.jsonl");
    archive(&*other.store, &of_other, &key).await.unwrap();
    let refused = archive(&*bed.store, &of_other, &key).await.unwrap_err();
    assert!(refused.to_string().contains("of database"), "{refused}");
    assert_eq!(bed.audit().await.len(), 2);
}

#[tokio::test]
async fn what_is_left_must_follow_from_its_seal() {
    let (bed, key, (_dir, path)) = (memory().await, AuditKey::generate(), file());
    acts(&bed, 2).await;
    let first = archive(&*bed.store, &path, &key).await.unwrap();
    assert_eq!(first.records, Some((1, 2)));
    let mut verifier = trail::verifier(&*bed.store, None).unwrap();
    let page = AuditPage::oldest(10).unwrap();
    let list = bed
        .store
        .audit(&AuditFilter::default(), page)
        .await
        .unwrap();
    assert!(verifier.record(&list.records[0]).is_err());
    let seal = bed.store.audit_seal().await.unwrap();
    let mut verifier = trail::verifier(&*bed.store, seal.as_ref()).unwrap();
    verifier.record(&list.records[0]).unwrap();
    let mut edited = list.records[0].clone();
    edited.previous = edited.hash.clone();
    edited.hash = edited.compute_hash();
    let mut verifier = trail::verifier(&*bed.store, seal.as_ref()).unwrap();
    assert_eq!(
        verifier.record(&edited).unwrap_err().code(),
        "audit_rewritten"
    );
}
