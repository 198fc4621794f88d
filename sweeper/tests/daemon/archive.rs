//! What is kept no longer of the audit trail goes into a signed file, while the daemon runs.

use std::io::BufReader;
use std::sync::Arc;
use std::time::Duration;

use fixtures::bed::ada;
use queue_core::{
    AuditFilter, AuditPage, AuditVerifier, ChannelName, Clock, ExportItem, ExportReader, Kept,
    ManualClock, RetentionRule, RetentionSort, Seal, Store, Timestamp,
};
use queue_ops::{AuditKey, AuditKeyring};
use queue_postgres::PostgresOptions;
use queue_sqlite::SqliteOptions;
use secrecy::ExposeSecret;

use crate::harness::{Place, Running};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The place's store, with another time.
async fn at(place: &Place, clock: ManualClock) -> Arc<dyn Store> {
    let clock = Clock::Manual(clock);
    match place.url.strip_prefix("sqlite:") {
        Some(file) => Arc::new(SqliteOptions::new(file).clock(clock).open().await.unwrap()),
        None => {
            let options = PostgresOptions::new(&place.url).unwrap().clock(clock);
            Arc::new(options.connect().await.unwrap())
        }
    }
}

/// Pauses and resumes a channel: as many records.
async fn acts(store: &dyn Store, times: usize) {
    let email = ChannelName::new("email").unwrap();
    for n in 0..times {
        let paused = n % 2 == 0;
        store.pause_channel(&email, paused, &ada()).await.unwrap();
    }
}

async fn what_is_old_is_archived(place: Place) {
    let now = place.store().await.now().await.unwrap();
    let long_ago = now.as_micros() - i64::try_from((40 * DAY).as_micros()).unwrap();
    let then = at(&place, ManualClock::at(Timestamp::from_micros(long_ago))).await;
    let rule = RetentionRule::new(RetentionSort::Audit, None, Kept::days(30)).unwrap();
    then.set_retention(&rule, &ada()).await.unwrap();
    acts(&*then, 6).await;
    drop(then);
    let store = place.store().await;
    acts(&*store, 2).await;

    let key = AuditKey::generate();
    let (folder, pem) = (
        place.dir.path().join("archive"),
        place.dir.path().join("audit.pem"),
    );
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(&pem, key.to_pem().unwrap().expose_secret()).unwrap();
    let mut program = place.program();
    program
        .env("LEASEHOLD_SWEEPER_RETENTION_EVERY", "100ms")
        .env("LEASEHOLD_SWEEPER_AUDIT_ARCHIVE", &folder)
        .env("LEASEHOLD_SWEEPER_AUDIT_KEY_FILE", &pem);
    let daemon = Running::start(program);
    let line = daemon.hears("audit records were archived");
    assert!(line.contains("first=1 last=7"), "{line}");
    daemon.signal("TERM");
    let (status, said) = daemon.ends();
    assert_eq!(status.code(), Some(0), "{said:?}");

    // The file by itself, signed with that key; and what is left follows from it.
    let file = folder.join("audit-from-1.jsonl");
    let (header, mut items) =
        ExportReader::open(BufReader::new(std::fs::File::open(file).unwrap())).unwrap();
    let keys = AuditKeyring(vec![key.public()]);
    let mut verifier = AuditVerifier::new(header.database, header.first).with_keys(&keys);
    let (mut records, mut signed) = (0, false);
    while let Some(item) = items.next_item().unwrap() {
        verifier.item(&item).unwrap();
        records += u32::from(matches!(item, ExportItem::Record(_)));
        signed |= matches!(item, ExportItem::Checkpoint(_));
    }
    assert!(records == 7 && signed, "{records} {signed}");
    let seal = store.audit_seal().await.unwrap();
    assert_eq!(Seal::begins(seal.as_ref()), 8);
    let page = AuditPage::oldest(1000).unwrap();
    let rest = store.audit(&AuditFilter::default(), page).await.unwrap();
    // Two acts of today, and the archiving itself.
    let left: Vec<_> = rest.records.iter().map(|record| record.seq).collect();
    assert_eq!(left, [8, 9, 10]);
    for record in &rest.records {
        verifier.record(record).unwrap();
    }
    assert_eq!(verifier.finish().unwrap().last, 10);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_is_archived_on_sqlite() {
    what_is_old_is_archived(Place::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_is_archived_on_postgres() {
    what_is_old_is_archived(Place::postgres().await).await;
}
