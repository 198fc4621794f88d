//! Files that are as they should not be.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use queue_core::Code;
use queue_ops::Database;
use queue_ops::archive::archive_audit;
use queue_ops::doctor::{AuditFacts, BackendFacts, Facts, Pulse, Survival, judge};
use queue_sqlite::SqliteFacts;
use queue_sqlite::rusqlite::Connection;
use tempfile::TempDir;

/// A migrated file on the disk that the tests are built on, and its URL.
async fn file() -> (TempDir, PathBuf, String) {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = dir.path().join("jobs.db");
    let url = format!("sqlite:{}", path.display());
    Database::parse(&url).unwrap().migrate().await.unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    (dir, path, url)
}

async fn examine(url: &str) -> Facts {
    Database::parse(url).unwrap().examine(false).await.unwrap()
}

fn of(facts: &Facts) -> &SqliteFacts {
    match &facts.backend {
        BackendFacts::Sqlite(facts) => facts,
        other => panic!("{other:?}"),
    }
}

fn codes(facts: &Facts) -> Vec<Code> {
    judge(facts).findings.iter().map(|it| it.code).collect()
}

#[tokio::test]
async fn a_file_as_the_store_makes_it_is_sound() {
    let (_dir, _, url) = file().await;
    let facts = examine(&url).await;
    assert_eq!(codes(&facts), []);
    let content = of(&facts).content.as_ref().unwrap();
    assert_eq!(
        (content.journal_mode.as_str(), content.synchronous),
        ("wal", 2)
    );
    assert!(
        content.pages > 10 && content.page_size >= 512,
        "{content:?}"
    );
    assert!(of(&facts).place.free_bytes.unwrap() > 0);
    assert_eq!(judge(&facts).guarantee.machine, Survival::Everything);
}

#[tokio::test]
async fn a_session_that_does_not_wait_is_seen() {
    let (_dir, _, url) = file().await;
    let facts = examine(&format!("{url}?synchronous=normal")).await;
    assert_eq!(codes(&facts), [Code::CommitUnsynced]);
    assert_eq!(judge(&facts).guarantee.machine, Survival::NotTheLast);
}

/// Looking at it does not change it, though opening a store afterwards does.
#[tokio::test]
async fn another_journal_mode_is_seen() {
    let (_dir, path, url) = file().await;
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "journal_mode", "delete").unwrap();
    drop(conn);
    let options = queue_sqlite::SqliteOptions::new(&path);
    for _ in 0..2 {
        let content = options.facts(false).await.unwrap().content.unwrap();
        assert_eq!(content.journal_mode, "delete", "it is left as it is");
        assert_eq!(content.wal_pages, None);
    }
    assert_eq!(codes(&examine(&url).await), [Code::JournalNotWal]);
}

#[tokio::test]
async fn rights_that_others_have_are_seen() {
    let (_dir, path, url) = file().await;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let facts = examine(&url).await;
    assert_eq!(codes(&facts), [Code::FileExposed]);
    assert_eq!(of(&facts).place.mode, 0o666);
}

#[tokio::test]
async fn what_a_reader_keeps_in_the_log_is_counted() {
    let (_dir, path, url) = file().await;
    let opened = Database::parse(&url).unwrap().open().await.unwrap();
    let reader = Connection::open(&path).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM leasehold_meta")
        .unwrap();
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch(
            "CREATE TABLE filler (x); INSERT INTO filler
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
             SELECT randomblob(4000) FROM n; PRAGMA wal_checkpoint(PASSIVE)",
        )
        .unwrap();
    let Pulse::Sqlite(held) = opened.backend.pulse().await.unwrap() else {
        panic!("it is a file");
    };
    assert!(held.wal_pages > 200, "{held:?}");
    let facts = examine(&url).await;
    assert_eq!(
        of(&facts).content.as_ref().unwrap().wal_pages,
        Some(held.wal_pages)
    );
    reader.execute_batch("COMMIT").unwrap();
    writer
        .execute_batch("PRAGMA wal_checkpoint(PASSIVE)")
        .unwrap();
    let Pulse::Sqlite(free) = opened.backend.pulse().await.unwrap() else {
        panic!("it is a file");
    };
    assert_eq!(free.wal_pages, 0);
}

#[tokio::test]
async fn a_pulse_tells_whether_a_write_can_be_made() {
    let (_dir, path, url) = file().await;
    let database = Database::parse(&format!("{url}?busy_timeout=50ms")).unwrap();
    let opened = database.open().await.unwrap();
    opened.backend.pulse().await.unwrap();
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = opened.backend.pulse().await.unwrap_err();
    assert_eq!(error.catalogued(), Code::StoreBusy);
    let facts = database.examine(false).await.unwrap();
    assert!(of(&facts).content.as_ref().unwrap().busy);
    holder.execute_batch("ROLLBACK").unwrap();
}

#[tokio::test]
async fn damage_a_schema_and_a_clock_are_seen() {
    let (_dir, path, url) = file().await;
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("UPDATE leasehold_meta SET clock = unixepoch() * 1000000 + 7200000000")
        .unwrap();
    assert_eq!(codes(&examine(&url).await), [Code::ClockApart]);
    conn.execute_batch("INSERT INTO leasehold_migration VALUES (99, 'x', 'y', 0)")
        .unwrap();
    let facts = examine(&url).await;
    assert_eq!(codes(&facts), [Code::StoreSchemaMismatch, Code::ClockApart]);
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(conn);
    let mut bytes = fs::read(&path).unwrap();
    for byte in &mut bytes[8192..12_288] {
        *byte = 0x55;
    }
    fs::write(&path, bytes).unwrap();
    let found = codes(&examine(&url).await);
    assert!(
        found.contains(&Code::StoreCorrupt) || found.contains(&Code::FactsUnseen),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_trail_that_was_changed_is_seen() {
    let (_dir, path, url) = file().await;
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "INSERT INTO leasehold_audit (seq, at, actor, reason, action, target, detail, previous, hash)
         VALUES (1, 0, 'eve', 'none', 'queue.configure', 'queue:q', '{}', 'x', 'y')",
    )
    .unwrap();
    let found = codes(&examine(&url).await);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].as_str().starts_with("audit_"), "{found:?}");
}

#[tokio::test]
async fn what_is_not_there_is_no_finding_but_an_error() {
    let database = Database::parse("sqlite:/nowhere/jobs.db").unwrap();
    let error = database.examine(false).await.unwrap_err();
    assert!(
        error.to_string().contains("there is no such file"),
        "{error}"
    );
}

/// What was archived is not missing: the trail begins where its archive ends.
#[tokio::test]
async fn an_archived_trail_is_sound_from_its_archive_on() {
    let (dir, _, url) = file().await;
    let opened = Database::parse(&url).unwrap().open().await.unwrap();
    let store = opened.store.as_ref();
    let act = fixtures::bed::ada();
    let channel = queue_core::ChannelName::new("email").unwrap();
    for paused in [true, false, true] {
        store.pause_channel(&channel, paused, &act).await.unwrap();
    }
    let later = store.now().await.unwrap() + std::time::Duration::from_secs(1);
    let key = queue_ops::AuditKey::generate();
    let out = dir.path().join("audit.jsonl");
    archive_audit(store, later, &out, &key, &act, || true)
        .await
        .unwrap();
    drop(opened);
    for deep in [false, true] {
        let facts = Database::parse(&url).unwrap().examine(deep).await.unwrap();
        let AuditFacts::Sound { first, last } = facts.audit else {
            panic!("{:?}", facts.audit);
        };
        assert!(first > 3 && last >= first, "{first} to {last}");
    }
}
