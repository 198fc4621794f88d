//! The demonstration comes to the same totals wherever its jobs are and whatever is killed.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test reports"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

use fixtures::postgres::PostgresCluster;
use serde_json::Value;
use tempfile::TempDir;

/// So many moments are drawn in the slow suite, and so many in a demonstration.
const MOMENTS: u64 = 200;
const IN_ONE: u64 = 10;

/// A demonstration that was shown.
struct Shown {
    home: TempDir,
    output: Output,
}

impl Shown {
    fn new(words: &[&str]) -> Self {
        // One after the other: what takes too long on a machine that is busy with others is not the point here.
        static TURN: Mutex<()> = Mutex::new(());
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let home = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_demo"))
            .args(words)
            .current_dir(home.path())
            .output()
            .unwrap();
        Self { home, output }
    }

    fn said(&self) -> String {
        let voices = [&self.output.stdout, &self.output.stderr];
        voices
            .map(|voice| String::from_utf8_lossy(voice).into_owned())
            .concat()
    }

    fn file(&self, name: &str) -> String {
        let path = self.home.path().join("demo").join(name);
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}\n{}", self.said()))
    }

    /// Its totals, if everything held that must.
    fn totals(&self) -> String {
        assert!(self.output.status.success(), "{}", self.said());
        self.file("totals.json")
    }

    fn cost(&self, of: &str) -> u64 {
        let cost: Value = serde_json::from_str(&self.file("cost.json")).unwrap();
        cost.get(of).and_then(Value::as_u64).unwrap()
    }
}

#[test]
fn its_totals_are_those_of_its_seed_on_a_file() {
    let shown = Shown::new(&["--changes", "40"]);
    insta::assert_snapshot!("totals_of_40_changes", shown.totals());
    assert!(
        shown.said().contains("leasehold dead list"),
        "{}",
        shown.said()
    );
    let other = Shown::new(&["--seed", "8", "--changes", "20"]);
    assert_ne!(other.totals(), shown.totals());
}

#[test]
fn its_totals_are_the_same_on_a_server() {
    let url = PostgresCluster::shared().create_database();
    let shown = Shown::new(&["--changes", "40", "--store", &url]);
    insta::assert_snapshot!("totals_of_40_changes", shown.totals());
}

#[test]
fn whatever_is_killed_its_totals_are_the_same() {
    let moments = if std::env::var_os("LEASEHOLD_SLOW").is_some() {
        MOMENTS
    } else {
        1
    };
    let (mut killed, mut lot) = (0, 0);
    while killed < moments {
        lot += 1;
        let shown = Shown::new(&[
            "--changes",
            "40",
            "--kills",
            &IN_ONE.to_string(),
            "--lot",
            &lot.to_string(),
        ]);
        insta::assert_snapshot!(
            "totals_of_40_changes",
            shown.totals(),
            &format!("lot {lot}")
        );
        killed += shown.cost("killed");
    }
}

#[test]
fn a_folder_that_is_not_its_own_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let theirs = home.path().join("demo");
    fs::create_dir(&theirs).unwrap();
    fs::write(theirs.join("thesis.txt"), "three years of work").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_demo"))
        .current_dir(home.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("move it away, or name another by --folder"),
        "{said}"
    );
    assert_eq!(names(&theirs), ["thesis.txt"]);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}
