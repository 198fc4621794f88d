//! Databases with which nothing is wrong.

use queue_ops::doctor::{AuditFacts, BackendFacts, Facts};
use queue_postgres::{
    DayFacts, Listening, Pooler, PostgresFacts, ServerFacts, StandbyFacts, TableFacts,
};
use queue_sqlite::{ContentFacts, PlaceFacts, SqliteFacts, Synchronous};

const GIB: u64 = 1 << 30;

pub(crate) fn sqlite() -> SqliteFacts {
    SqliteFacts {
        path: "/var/lib/app/jobs.db".into(),
        library: "3.51.3".to_owned(),
        synchronous: Synchronous::Full,
        place: PlaceFacts {
            file_system: Some("ext4".to_owned()),
            network: false,
            volatile: false,
            free_bytes: Some(100 * GIB),
            bytes: GIB,
            wal_bytes: 0,
            owner: 1000,
            mode: 0o600,
            writable: true,
            directory_writable: true,
        },
        content: Some(ContentFacts {
            journal_mode: "wal".to_owned(),
            synchronous: 2,
            page_size: 4096,
            pages: GIB / 4096,
            free_pages: 0,
            wal_pages: Some(0),
            busy: false,
            clock_ahead: None,
            damage: Vec::new(),
        }),
        unseen: Vec::new(),
    }
}

pub(crate) fn postgres() -> PostgresFacts {
    let table = |name: &str| TableFacts {
        name: name.to_owned(),
        unvacuumed: false,
        live: 1000,
        dead: 10,
        owned: false,
        missing: Vec::new(),
    };
    PostgresFacts {
        server: ServerFacts {
            version: 170_002,
            server: "17.2".to_owned(),
            standby: false,
            read_only: false,
            synchronous_commit: "on".to_owned(),
            fsync: true,
            full_page_writes: true,
            wal_level: "replica".to_owned(),
            synchronous_standby_names: String::new(),
            autovacuum: true,
            data_checksums: true,
            database: "app".to_owned(),
            role: "app".to_owned(),
            superuser: false,
            sees_statistics: true,
            xid_age: 50_000_000,
            encrypted: true,
            connections_left: 80,
        },
        standbys: Some(StandbyFacts {
            connected: 0,
            streaming: 0,
            synchronous: 0,
        }),
        horizon: Vec::new(),
        tables: vec![table("audit"), table("job")],
        days: Some(DayFacts {
            missing: 0,
            astray: 0,
        }),
        pooler: Pooler::None,
        listening: Listening::Possible,
        idle_in_transaction_seconds: Some(60.0),
        clock_ahead_micros: 900,
        clock_within_micros: 1_000,
        local: false,
        prepared: true,
        pool_size: 10,
        unseen: Vec::new(),
    }
}

pub(crate) fn of_sqlite(change: impl FnOnce(&mut SqliteFacts)) -> Facts {
    let mut facts = sqlite();
    change(&mut facts);
    facts_of(BackendFacts::Sqlite(Box::new(facts)))
}

pub(crate) fn of_postgres(change: impl FnOnce(&mut PostgresFacts)) -> Facts {
    let mut facts = postgres();
    change(&mut facts);
    facts_of(BackendFacts::Postgres(Box::new(facts)))
}

fn facts_of(backend: BackendFacts) -> Facts {
    Facts {
        backend,
        refused: None,
        audit: AuditFacts::Sound { first: 1, last: 3 },
    }
}
