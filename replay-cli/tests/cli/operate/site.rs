//! A database with something in it, and what the command line says about it.

use std::fmt::Write as _;
use std::process::Command;
use std::sync::Arc;

use fixtures::bed::{Bed, job_in, permanent};
use fixtures::postgres::PostgresCluster;
use queue_core::{ManualClock, Outcome, Store};
use queue_ops::Database;
use queue_sqlite::rusqlite::Connection;
use tokio::runtime::Runtime;

use crate::{Desk, Ran};

/// A database of one kind, and a folder to work in.
pub(super) struct Site {
    pub(super) desk: Desk,
    pub(super) url: String,
    runtime: Runtime,
}

/// A transcript without what differs from run to run.
pub(super) const DIFFERING: [(&str, &str); 8] = [
    (r#"(database(\t|": "|=| ))-?\d{6,}"#, "$1[store]"),
    (r"(this one is )-?\d{6,}", "$1[store]"),
    (r"--after \d{16}\.", "--after [died]."),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "[time]"),
    (r#"(_seconds": )\d+\.\d+"#, "$1[seconds]"),
    (r"\t\d+\.\d{3}(\t|\n)", "\t[span]$1"),
    (
        r"(sqlite:/|postgres://)\S*?(jobs\.db|leasehold-[-\w/]+)",
        "[database]",
    ),
    (r"(target/debug/|/tmp/)\S*/jobs\.db", "[file]"),
];

impl Site {
    /// Without a schema; a SQLite file is not even there.
    pub(super) fn empty_sqlite() -> Self {
        let desk = Desk::new();
        let path = desk.0.path().join("jobs.db");
        let url = format!("sqlite:{}", path.display());
        Self::at(desk, url)
    }

    /// Without a schema.
    pub(super) fn empty_postgres() -> Self {
        Self::at(Desk::new(), PostgresCluster::shared().create_database())
    }

    fn at(desk: Desk, url: String) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        Self { desk, url, runtime }
    }

    pub(super) fn both_empty() -> [Self; 2] {
        [Self::empty_sqlite(), Self::empty_postgres()]
    }

    pub(super) fn both() -> [Self; 2] {
        Self::both_empty().map(Self::migrated)
    }

    pub(super) fn migrated(self) -> Self {
        let database = Database::parse(&self.url).unwrap();
        self.runtime.block_on(database.migrate()).unwrap();
        self
    }

    /// Puts something into the database.
    pub(super) fn seed(&self, with: impl AsyncFnOnce(&Bed)) {
        self.runtime.block_on(async {
            let opened = Database::parse(&self.url).unwrap().open().await.unwrap();
            let store: Arc<dyn Store> = Arc::clone(&opened.store);
            let bed = Bed {
                store,
                clock: ManualClock::default(),
                reopen: Box::new(|| unreachable!("nobody opens it once more")),
                transactions: None,
                keep: Box::new(()),
            };
            with(&bed).await;
            drop(bed);
            drop(opened.store);
            opened.backend.close().await;
        });
    }

    pub(super) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// What somebody does by hand, who owns the database. Tables are named as on Postgres.
    pub(super) fn sql(&self, statements: &str) {
        if let Some(path) = self.url.strip_prefix("sqlite:") {
            let conn = Connection::open(path).unwrap();
            let statements = statements.replace("leasehold.", "leasehold_");
            conn.execute_batch(&statements).unwrap();
        } else {
            let (_, rest) = self.url.split_once("localhost/").unwrap();
            let name = rest.split('?').next().unwrap();
            PostgresCluster::shared().sql(name, statements).unwrap();
        }
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    /// A moment, for such statements.
    pub(super) fn moment(&self, micros: i64) -> String {
        if self.is_sqlite() {
            micros.to_string()
        } else {
            format!("timestamptz 'epoch' + {micros} * interval '1 microsecond'")
        }
    }

    /// A line, as Ada writes it.
    pub(super) fn command(&self, line: &str) -> Command {
        let mut command = self.desk.command(line);
        command
            .env("LEASEHOLD_DATABASE_URL", &self.url)
            .env("LEASEHOLD_ACTOR", "ada");
        command
    }

    pub(super) fn run(&self, line: &str) -> Ran {
        Ran::of(&self.command(line).output().unwrap())
    }

    /// Lines and what is said to them.
    pub(super) fn transcript(&self, lines: &[&str]) -> String {
        let mut text = String::new();
        for line in lines {
            let ran = self.run(line);
            let said = if line.contains("--json") && ran.stdout.starts_with('{') {
                let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
                assert_eq!(value["version"], 1, "{line}");
                format!("{value:#}\n")
            } else {
                ran.stdout
            };
            write!(text, "$ leasehold {line}\n{said}").unwrap();
            for prose in ran.stderr.lines() {
                writeln!(text, "! {prose}").unwrap();
            }
            if ran.code != 0 {
                writeln!(text, "exit {}", ran.code).unwrap();
            }
            text.push('\n');
        }
        text
    }
}

/// The same lines on both databases, each with the same in it: the same is said.
#[expect(
    clippy::needless_pass_by_value,
    reason = "closures are written where they are used"
)]
pub(super) fn on_both(name: &str, seed: impl AsyncFn(&Bed), lines: &[&str]) {
    for site in Site::both() {
        site.seed(&seed);
        same(name, &site.transcript(lines));
    }
}

pub(super) fn same(name: &str, text: &str) {
    insta::with_settings!({ filters => DIFFERING.to_vec(), prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

/// A job of a queue that died.
pub(super) async fn dead_in(bed: &Bed, queue: &str, class: &str) {
    let id = bed.put(job_in(queue)).await;
    let claimed = bed.claim_from(&[queue], 1).await.remove(0);
    assert_eq!(claimed.id(), id);
    bed.settle(&claimed, Outcome::Failed(permanent(class)))
        .await;
}
