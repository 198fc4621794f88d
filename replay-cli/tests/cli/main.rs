//! The binary itself, as it is run at a prompt and in scripts.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test reports"
)]

mod broken;
mod check;
mod explain;
mod help;
mod operate;
mod streams;

use std::fs;
use std::io::{ErrorKind, Write};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const REVIEW: &str = include_str!("../../../fixtures/contracts/review-result.json");

/// A folder in which the binary is run.
struct Desk(TempDir);

/// What came of a run.
#[derive(Debug)]
struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Desk {
    /// With the contract for reviews and a context that suits it.
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.file("review.json", REVIEW);
        desk.file(
            "change.json",
            r#"{"changed_files": ["src/a.rs"], "correlation_id": "7"}"#,
        );
        desk
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), content).unwrap();
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leasehold"));
        command
            .args(line.split_whitespace())
            .env_remove("LEASEHOLD_DATABASE_URL")
            .env_remove("LEASEHOLD_CONFIG")
            .env_remove("LEASEHOLD_ACTOR")
            .env_remove("NO_COLOR")
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, line: &str) -> Ran {
        self.feed(line, "")
    }

    /// Runs it with this on standard input.
    fn feed(&self, line: &str, input: impl AsRef<[u8]>) -> Ran {
        let mut child = self.command(line).spawn().unwrap();
        let written = child.stdin.take().unwrap().write_all(input.as_ref());
        // Who has seen enough need not read all.
        assert!(written.map_or_else(|error| error.kind() == ErrorKind::BrokenPipe, |()| true));
        Ran::of(&child.wait_with_output().unwrap())
    }
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout.clone()).unwrap(),
            stderr: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// What it wrote, if it did what it was asked and had nothing else to say.
    fn data(self) -> String {
        assert_eq!(
            (self.code, self.stderr.as_str()),
            (0, ""),
            "{}",
            self.stdout
        );
        self.stdout
    }

    /// The verdict that it wrote.
    fn verdict(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The error, if it failed with this code and wrote no data.
    fn error(&self, code: i32) -> &str {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{self:?}");
        assert!(self.stderr.starts_with("error: "), "{self:?}");
        &self.stderr
    }
}
