//! What commits survive, and what they wait for.

use queue_core::Code;
use queue_postgres::PostgresFacts;

use crate::doctor::{Finding, Severity};

pub(super) fn add(facts: &PostgresFacts, found: &mut Vec<Finding>) {
    let server = &facts.server;
    if server.standby || server.read_only {
        let what = match server.standby {
            true => "the database is a standby",
            false => "transactions of this role only read",
        };
        found.push(Finding::danger(Code::DatabaseIsStandby, what));
    }
    if !server.fsync {
        let what = "the server does not wait for the disk (fsync=off)";
        found.push(Finding::danger(Code::FsyncOff, what).value("off"));
    }
    if !server.full_page_writes {
        let what = "pages that were half written cannot be mended (full_page_writes=off)";
        found.push(Finding::danger(Code::FullPageWritesOff, what).value("off"));
    }
    let commit = server.synchronous_commit.as_str();
    if commit == "off" {
        let what = "commits are not waited for until they are on the disk (synchronous_commit=off)";
        found.push(Finding::warning(Code::CommitUnsynced, what).value(commit));
    }
    standbys(facts, found);
    if server.wal_level == "minimal" {
        let what = "there can be neither a base backup nor a standby (wal_level=minimal)";
        found.push(Finding::warning(Code::WalLevelMinimal, what).value(&server.wal_level));
    }
    if !server.data_checksums {
        let what = "damaged pages are not noticed (data_checksums=off)";
        found.push(Finding::note(Code::ChecksumsOff, what).value("off"));
    }
}

fn standbys(facts: &PostgresFacts, found: &mut Vec<Finding>) {
    let server = &facts.server;
    let wanted = awaited(&server.synchronous_standby_names);
    // A standby repeats the settings of its primary, and waits for nobody.
    if wanted == 0 || server.standby {
        return;
    }
    let commit = server.synchronous_commit.as_str();
    if matches!(commit, "local" | "remote_write") {
        let (severity, what) = match commit {
            "local" => (
                Severity::Warning,
                "commits do not wait for the standbys that are named",
            ),
            _ => (
                Severity::Note,
                "commits wait until standbys have them in memory, not on their disks",
            ),
        };
        let what = format!("{what} (synchronous_commit={commit})");
        found.push(Finding::new(Code::StandbyNotAwaited, severity, what).value(commit));
    }
    let there = facts.standbys.filter(|_| server.sees_statistics);
    if let Some(there) = there.filter(|there| there.synchronous < wanted) {
        let waits = !matches!(commit, "off" | "local");
        let severity = match waits {
            true => Severity::Danger,
            false => Severity::Warning,
        };
        let what = format!(
            "commits are to wait for {wanted} of the standbys {}, and {} of them are there",
            server.synchronous_standby_names, there.synchronous
        );
        found.push(
            Finding::new(Code::StandbyMissing, severity, what).value(there.synchronous.to_string()),
        );
    }
}

/// For how many standbys commits wait, by `synchronous_standby_names`: `a, b`, `2 (a, b)`,
/// `FIRST 2 (a, b)` or `ANY 2 (a, b)`.
pub(crate) fn awaited(names: &str) -> u32 {
    let names = names.trim();
    if names.is_empty() {
        return 0;
    }
    let Some((before, _)) = names.split_once('(') else {
        return 1;
    };
    before
        .split_whitespace()
        .last()
        .and_then(|number| number.parse().ok())
        .unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::awaited;

    #[test]
    fn the_names_say_how_many_are_waited_for() {
        for (names, wanted) in [
            ("", 0),
            (" ", 0),
            ("*", 1),
            ("a, b", 1),
            ("2 (a, b, c)", 2),
            ("FIRST 3 (a,b,c)", 3),
            ("any 2(a, b, c)", 2),
        ] {
            assert_eq!(awaited(names), wanted, "{names}");
        }
    }
}
