//! Whether the programs that back up a server are here, and can read it.

use std::process::{Command, Stdio};

use serde::Serialize;

use crate::report::Row;
use crate::table::Cell;

/// What was found of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Program {
    pub(super) name: &'static str,
    /// Its version, where it is.
    pub(super) version: Option<String>,
    /// `ready`, `missing` or `too old`.
    pub(super) state: &'static str,
}

impl Row for Program {
    const COLUMNS: &'static [&'static str] = &["program", "state", "version"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::word(self.name),
            Cell::word(self.state),
            Cell::maybe(self.version.as_deref(), Cell::text),
        ]
    }
}

/// Looks for a program in PATH. One reads servers of its own version and of older ones.
pub(super) fn find(name: &'static str, server: u32) -> Program {
    let said = Command::new(name)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|said| said.status.success())
        .map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
    let state = match said.as_deref().map(major) {
        None => "missing",
        Some(Some(major)) if major >= server / 10_000 => "ready",
        Some(_) => "too old",
    };
    Program {
        name,
        version: said,
        state,
    }
}

/// `pg_dump (PostgreSQL) 15.18 (Debian 15.18-1)`
fn major(said: &str) -> Option<u32> {
    let (_, version) = said.split_once(") ")?;
    let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_they_are_said() {
        assert_eq!(
            major("pg_dump (PostgreSQL) 15.18 (Debian 15.18-1)"),
            Some(15)
        );
        assert_eq!(major("pg_dump (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("something else"), None);
    }

    #[test]
    fn what_is_not_there_is_missing() {
        assert_eq!(find("no-such-program-as-this", 150_000).state, "missing");
    }
}
