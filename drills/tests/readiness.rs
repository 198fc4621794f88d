//! Lines of `docs/readiness.md` that are asked of an environment: each holds in one that is as it should be, and fails in
//! one that is not.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test reports"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fixtures::bed::{decided, job_in, permanent};
use queue_core::{
    ClaimRequest, EnqueueBatch, Outcome, QueueName, SettleBatch, Settlement, WorkerName,
};
use queue_ops::Database;
use queue_sqlite::rusqlite::Connection;
use tempfile::TempDir;

/// The commands, by the numbers of their lines.
fn lines() -> BTreeMap<String, String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/readiness.md");
    let page = fs::read_to_string(page).unwrap();
    let commands = page.lines().filter_map(|row| {
        let (cells, command) = row.strip_suffix("` |")?.split_once(" | environment: `")?;
        let number = cells.trim_start_matches("| ").split(' ').next()?;
        Some((number.to_owned(), command.replace("\\|", "|")))
    });
    commands.collect()
}

/// A database with a configuration beside it, and `leasehold` in `PATH`.
struct Environment(TempDir);

impl Environment {
    /// As it should be.
    fn new() -> Self {
        // On a disk: in memory `doctor` would find that nothing survives.
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let environment = Self(dir);
        let path = |name: &str| environment.path(name);
        fs::create_dir(path("bin")).unwrap();
        symlink(env!("CARGO_BIN_EXE_drill"), path("bin/leasehold")).unwrap();
        fs::write(path("secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        environment.mode("secret", 0o600);
        let config = format!(
            "[database]\nurl = {:?}\n[channels.hooks]\ntype = \"webhook\"\nsecret_file = {:?}\n",
            environment.url(),
            path("secret")
        );
        fs::write(path("leasehold.toml"), config).unwrap();
        environment.must("leasehold migrate up");
        environment.mode("jobs.db", 0o600);
        environment
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.path("jobs.db").display())
    }

    fn mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn run(&self, command: &str) -> Output {
        let inherited = std::env::var("PATH").unwrap();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", command])
            .current_dir(self.0.path())
            .env_clear()
            .env(
                "PATH",
                format!("{}:{inherited}", self.path("bin").display()),
            )
            .env("LEASEHOLD_CONFIG", self.path("leasehold.toml"))
            .env("LEASEHOLD_ACTOR", "ada");
        shell.output().unwrap()
    }

    fn must(&self, command: &str) {
        let output = self.run(command);
        assert!(output.status.success(), "{command}: {output:?}");
    }

    /// Somebody changes a record.
    fn forge(&self) {
        self.must("leasehold queue pause mail --new --reason 'the relay is down'");
        self.must("leasehold queue resume mail --reason 'it is back'");
        let connection = Connection::open(self.path("jobs.db")).unwrap();
        let forged = "DROP TRIGGER leasehold_audit_no_update; UPDATE leasehold_audit SET actor = 'eve' WHERE seq = 1";
        connection.execute_batch(forged).unwrap();
    }

    /// A job dies.
    fn kill_a_job(&self) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let opened = Database::parse(&self.url()).unwrap().open().await.unwrap();
            let store = opened.store;
            let batch = EnqueueBatch::new(vec![job_in("mail")]).unwrap();
            store.enqueue(batch).await.unwrap();
            let queues = vec![QueueName::new("mail").unwrap()];
            let request = ClaimRequest::new(WorkerName::new("w").unwrap(), queues, 1).unwrap();
            let claimed = &store.claim(request).await.unwrap()[0];
            let outcome = Outcome::Failed(permanent("AUTH_DENIED"));
            let settlement = Settlement {
                lease: claimed.lease,
                transition: decided(claimed, outcome),
            };
            let batch = SettleBatch::new(vec![settlement]).unwrap();
            store.settle(batch).await.unwrap();
            drop(store);
            opened.backend.close().await;
        });
    }
}

/// Makes an environment one that is not as it should be.
type Trouble = fn(&Environment);

/// What each of these lines is there to find.
const TROUBLE: [(&str, Trouble); 7] = [
    ("SEC-1", |it| it.mode("secret", 0o644)),
    ("SEC-7", Environment::forge),
    ("SEC-12", |it| {
        it.must("leasehold retention set notifications forever --reason 'nobody asked'");
    }),
    ("OPS-3", |it| it.must("leasehold migrate down --to 8 --yes")),
    ("OPS-9", Environment::kill_a_job),
    ("LAU-6", |it| {
        it.must("leasehold queue pause mail --new --reason 'to try it'");
    }),
    ("LAU-7", |it| {
        it.must("leasehold channel pause hooks --reason 'to try it'");
    }),
];

/// They find what any command finds: that the database is not there, or is none.
const ANY: [&str; 2] = ["OBS-1", "TOP-1"];

#[test]
fn all_is_as_it_should_be() {
    let environment = Environment::new();
    for (number, command) in lines() {
        let output = environment.run(&command);
        assert!(output.status.success(), "{number}: {command}: {output:?}");
    }
}

#[test]
fn each_finds_its_trouble() {
    let lines = lines();
    let found: BTreeSet<&str> = TROUBLE
        .iter()
        .map(|(number, _)| *number)
        .chain(ANY)
        .collect();
    let there: BTreeSet<&str> = lines.keys().map(String::as_str).collect();
    assert_eq!(found, there);
    for (number, trouble) in TROUBLE {
        let environment = Environment::new();
        trouble(&environment);
        let output = environment.run(&lines[number]);
        assert!(!output.status.success(), "{number}: {output:?}");
    }
}

/// What cannot be asked does not hold.
#[test]
fn nothing_holds_without_its_database() {
    let environment = Environment::new();
    fs::write(environment.path("jobs.db"), "this is none").unwrap();
    for (number, command) in lines() {
        // It is about files.
        if number == "SEC-1" {
            continue;
        }
        let output = environment.run(&command);
        assert!(!output.status.success(), "{number}: {command}: {output:?}");
    }
}
