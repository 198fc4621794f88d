//! One thing that is wrong, for each code: what the catalogue's examples tell of.

use std::time::Duration;

use queue_core::Code;
use queue_ops::doctor::Severity::{self, Danger, Note, Warning};
use queue_postgres::{HorizonHolder, Listening, Pooler, PostgresFacts, StandbyFacts};
use queue_sqlite::{ContentFacts, SqliteFacts};

pub(crate) type Wrong<T> = (Code, Severity, fn(&mut T));

fn content(facts: &mut SqliteFacts) -> &mut ContentFacts {
    facts.content.as_mut().unwrap()
}

pub(crate) const OF_FILES: &[Wrong<SqliteFacts>] = &[
    (Code::CommitUnsynced, Warning, |it| {
        content(it).synchronous = 1;
    }),
    (Code::JournalNotWal, Warning, |it| {
        content(it).journal_mode = "delete".to_owned();
    }),
    (Code::NetworkFileSystem, Danger, |it| {
        it.place.network = true;
    }),
    (Code::VolatileFileSystem, Danger, |it| {
        it.place.volatile = true;
    }),
    (Code::DiskNearlyFull, Danger, |it| {
        it.place.free_bytes = Some(5 << 20);
    }),
    (Code::DiskNearlyFull, Warning, |it| {
        it.place.free_bytes = Some(100 << 20);
    }),
    (Code::FileExposed, Warning, |it| it.place.mode = 0o666),
    (Code::FileExposed, Note, |it| it.place.mode = 0o644),
    (Code::FileUnwritable, Danger, |it| {
        it.place.directory_writable = false;
    }),
    (Code::WalLarge, Warning, |it| {
        content(it).wal_pages = Some(100_000);
    }),
    (Code::PagesFree, Note, |it| {
        let content = content(it);
        content.free_pages = content.pages - 100;
    }),
    (Code::ClockApart, Warning, |it| {
        content(it).clock_ahead = Some(Duration::from_secs(3600));
    }),
    (Code::ClockApart, Note, |it| {
        content(it).clock_ahead = Some(Duration::from_secs(2));
    }),
    (Code::StoreCorrupt, Danger, |it| {
        content(it)
            .damage
            .push("row 3 missing from index x".to_owned());
    }),
    (Code::FactsUnseen, Warning, |it| {
        it.unseen
            .push(("the content of the file", "why".to_owned()));
    }),
];

fn waited_for(facts: &mut PostgresFacts, commit: &str, synchronous: u32) {
    facts.server.synchronous_standby_names = "ANY 1 (a, b)".to_owned();
    facts.server.synchronous_commit = commit.to_owned();
    facts.standbys = Some(StandbyFacts {
        connected: synchronous,
        streaming: synchronous,
        synchronous,
    });
}

pub(crate) fn holder(kind: &str, transactions: i64, seconds: Option<f64>) -> HorizonHolder {
    HorizonHolder {
        kind: kind.to_owned(),
        name: "4711".to_owned(),
        application: Some("report".to_owned()),
        state: Some("idle in transaction".to_owned()),
        transactions,
        seconds,
    }
}

pub(crate) const OF_SERVERS: &[Wrong<PostgresFacts>] = &[
    (Code::CommitUnsynced, Warning, |it| {
        it.server.synchronous_commit = "off".to_owned();
    }),
    (Code::FsyncOff, Danger, |it| it.server.fsync = false),
    (Code::FullPageWritesOff, Danger, |it| {
        it.server.full_page_writes = false;
    }),
    (Code::StandbyMissing, Danger, |it| waited_for(it, "on", 0)),
    (Code::StandbyNotAwaited, Warning, |it| {
        waited_for(it, "local", 1);
    }),
    (Code::StandbyNotAwaited, Note, |it| {
        waited_for(it, "remote_write", 1);
    }),
    (Code::DatabaseIsStandby, Danger, |it| {
        it.server.standby = true;
    }),
    (Code::DatabaseIsStandby, Danger, |it| {
        it.server.read_only = true;
    }),
    (Code::WalLevelMinimal, Warning, |it| {
        it.server.wal_level = "minimal".to_owned();
    }),
    (Code::ChecksumsOff, Note, |it| {
        it.server.data_checksums = false;
    }),
    (Code::AutovacuumOff, Warning, |it| {
        it.tables[1].unvacuumed = true;
    }),
    (Code::AutovacuumOff, Danger, |it| {
        it.server.autovacuum = false;
    }),
    (Code::HorizonHeld, Warning, |it| {
        it.horizon.push(holder("session", 10, Some(600.0)));
    }),
    (Code::HorizonHeld, Danger, |it| {
        it.horizon
            .push(holder("replication slot", 60_000_000, None));
    }),
    (Code::HorizonHeld, Warning, |it| {
        it.horizon
            .push(holder("prepared transaction", 2_000_000, Some(1.0)));
    }),
    (Code::WraparoundNear, Warning, |it| {
        it.server.xid_age = 1_500_000_000;
    }),
    (Code::WraparoundNear, Danger, |it| {
        it.server.xid_age = 1_900_000_000;
    }),
    (Code::DeadRows, Warning, |it| it.tables[1].dead = 1_000_000),
    (Code::IdleTransactionsUnbounded, Note, |it| {
        it.idle_in_transaction_seconds = Some(0.0);
    }),
    (Code::PoolerPrepared, Danger, |it| {
        it.pooler = Pooler::PerTransaction;
    }),
    (Code::PoolerPrepared, Warning, |it| {
        it.pooler = Pooler::Somewhere;
    }),
    (Code::PreparedOff, Note, |it| it.prepared = false),
    (Code::NotListening, Note, |it| {
        it.listening = Listening::NoWay;
    }),
    (Code::NotListening, Warning, |it| {
        it.listening = Listening::Pooled;
    }),
    (Code::NotListening, Warning, |it| {
        it.listening = Listening::Unreachable("refused".to_owned());
    }),
    (Code::ClockApart, Note, |it| {
        it.clock_ahead_micros = -2_000_000;
    }),
    (Code::ClockApart, Warning, |it| {
        it.clock_ahead_micros = 3_600_000_000;
    }),
    (Code::ConnectionsShort, Warning, |it| {
        it.server.connections_left = 3;
    }),
    (Code::ConnectionUnencrypted, Warning, |it| {
        it.server.encrypted = false;
    }),
    (Code::RightsMissing, Danger, |it| {
        it.tables[1].missing.push("INSERT".to_owned());
    }),
    (Code::RolePowerful, Note, |it| it.server.superuser = true),
    (Code::RolePowerful, Note, |it| it.tables[0].owned = true),
    (Code::FactsUnseen, Note, |it| {
        it.server.sees_statistics = false;
    }),
    (Code::DaysMissing, Warning, |it| {
        it.days.as_mut().unwrap().missing = 3;
    }),
    (Code::RowsAstray, Note, |it| {
        it.days.as_mut().unwrap().astray = 1000;
    }),
];
