//! The demonstration has its folder for itself, leaves nothing running, and touches nothing of anybody else's.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use fixtures::postgres::PostgresCluster;
use review_service::stand_in::p4::HANGING;
use tempfile::TempDir;
use url::Url;

/// Longer than anything here takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where somebody tries the demonstration.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("demo")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
        // What the shell says of another database is not meant for it.
        command
            .args(words)
            .current_dir(self.0.path())
            .env("LEASEHOLD_DATABASE_URL", "sqlite:/nowhere/jobs.db");
        command
    }

    fn show(&self, words: &[&str]) -> Shown {
        Shown(self.command(words).output().unwrap())
    }

    /// Processes that are called by a name in the folder. The dead have none.
    fn running(&self) -> Vec<String> {
        let bin = self.folder().join("bin");
        let processes = fs::read_dir("/proc").unwrap();
        let lines = processes.filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok());
        lines
            .filter(|line| line.starts_with(bin.as_os_str().as_bytes()))
            .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
            .collect()
    }
}

struct Shown(Output);

impl Shown {
    fn said(&self) -> String {
        let voices = [&self.0.stdout, &self.0.stderr];
        voices
            .map(|voice| String::from_utf8_lossy(voice).into_owned())
            .concat()
    }

    /// What it said, ended with this code.
    fn ended(&self, code: i32) -> String {
        let said = self.said();
        assert_eq!(self.0.status.code(), Some(code), "{said}");
        said
    }
}

/// A demonstration that goes on, until the test is over.
struct Going(Child);

impl Drop for Going {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn until(what: &str, come: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !come() {
        assert!(Instant::now() < until, "it did not come to this: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(process: &Child, name: &str) {
    let killed = Command::new("kill")
        .args([name, &process.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
}

#[test]
fn nothing_outlives_it_and_nobody_else_has_its_folder_meanwhile() {
    let home = Home::new();
    let mut command = home.command(&["--changes", "300"]);
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut going = Going(command.spawn().unwrap());
    // Of every fifty changes the depot hangs at one, with a child.
    let hanging = home.folder().join("depot").join(HANGING);
    until("the depot hangs", || {
        fs::read_dir(&hanging).is_ok_and(|entries| entries.count() >= 2)
            && home.running().iter().any(|line| line.contains("bin/p4"))
    });
    let second = home.show(&["--changes", "1"]).ended(4);
    assert!(
        second.contains("another demonstration runs in") && second.contains("--folder"),
        "{second}"
    );
    let again = home.show(&["--reopen"]).ended(4);
    assert!(again.contains("another demonstration runs in"), "{again}");
    assert!(home.folder().join("review.toml").exists());
    assert!(!home.running().is_empty());
    signal(&going.0, "-KILL");
    going.0.wait().unwrap();
    until("all of its processes are gone", || {
        home.running().is_empty()
    });
    // Nobody has the folder any more.
    home.show(&["--changes", "1"]).ended(0);
}

#[test]
fn what_cannot_be_costs_nothing_that_is_there() {
    let home = Home::new();
    let one = home.show(&["--changes", "1"]).ended(0);
    assert!(one.contains("1 change of seed 7"), "{one}");
    assert!(!one.contains("replay plan"), "nothing stopped: {one}");
    let totals = home.folder().join("totals.json");
    for (words, code, told) in [
        (
            &["--store", "mysql://you:hunter2@db/app"][..],
            64,
            "write postgres://user@host/database",
        ),
        (
            &["--store", "postgres://you:hunter2@db/app?schema=mine"],
            64,
            "leave `schema` out",
        ),
        (
            &["--store", "postgres://you:hunter2@127.0.0.1:1/app"],
            69,
            "127.0.0.1",
        ),
        (&["--changes", "0"], 64, "--changes"),
        (&["--reopen", "--seed", "8"], 64, "--reopen"),
        (&["surprise"], 64, "surprise"),
    ] {
        let said = home.show(words).ended(code);
        assert!(said.contains(told) && !said.contains("hunter2"), "{said}");
        assert!(totals.exists(), "{said}");
    }
    let nothing = home.show(&["--reopen", "--folder", "another"]).ended(3);
    assert!(nothing.contains("run one first"), "{nothing}");
    let help = home.show(&["--help"]).ended(0);
    assert!(help.contains("Exit codes:"), "{help}");
}

#[test]
fn it_goes_on_where_it_was_left_until_somebody_stops_it() {
    let home = Home::new();
    let folder = "a demo's % folder?";
    let words = ["--folder", folder, "--changes", "2"];
    let shown = home.show(&words).ended(0);
    assert!(
        shown.contains("LEASEHOLD_CONFIG=\"/")
            && shown.contains("demo's % folder?/leasehold.toml\""),
        "{shown}"
    );
    let mut command = home.command(&["--reopen", "--folder", folder]);
    let mut going = Going(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut said = BufReader::new(going.0.stdout.take().unwrap()).lines();
    let health = said.find_map(|line| {
        let line = line.unwrap();
        let (_, rest) = line.split_once("health on http://")?;
        rest.split('/').next().map(str::to_owned)
    });
    let health = health.unwrap();
    until("it is healthy", || {
        let mut stream = TcpStream::connect(&health).unwrap();
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.starts_with("HTTP/1.1 200")
    });
    signal(&going.0, "-INT");
    assert_eq!(going.0.wait().unwrap().code(), Some(0));
    assert!(TcpStream::connect(&health).is_err());
}

#[test]
fn its_schema_is_its_own_and_goes_with_the_next_one() {
    let cluster = PostgresCluster::shared();
    let mut url = Url::parse(&cluster.create_database()).unwrap();
    let database = url.path().trim_start_matches('/').to_owned();
    url.set_password(Some("hunter2-of-the-demo")).unwrap();
    let schemas = || {
        let ours = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'leasehold%'";
        let said = cluster.sql(&database, ours).unwrap();
        said.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let home = Home::new();
    let shown = home
        .show(&["--changes", "1", "--store", url.as_str()])
        .ended(0);
    let first = schemas();
    let [schema] = first.as_slice() else {
        panic!("{first:?}\n{shown}");
    };
    assert!(
        shown.contains(&format!("DROP SCHEMA {schema} CASCADE")),
        "{shown}"
    );
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_eq!(
        with_password(&home.folder()),
        [home.folder().join("database.url")]
    );
    let mode = fs::metadata(home.folder().join("database.url")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    home.show(&["--changes", "1"]).ended(0);
    assert!(schemas().is_empty(), "{:?}", schemas());
}

/// The files with the password.
fn with_password(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("bin") {
            continue;
        }
        if path.is_dir() {
            found.extend(with_password(&path));
        } else if String::from_utf8_lossy(&fs::read(&path).unwrap()).contains("hunter2") {
            found.push(path);
        }
    }
    found
}
