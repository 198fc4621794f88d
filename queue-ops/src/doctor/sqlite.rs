//! What is wrong with a file.

use std::time::Duration;

use queue_core::Code;
use queue_sqlite::{ContentFacts, PlaceFacts, SqliteFacts};

use super::{Finding, Severity, common};

const MIB: u64 = 1 << 20;
/// Less room than this does not last long.
const NEARLY_FULL: u64 = 256 * MIB;
/// Less than this is gone with the next log.
const FULL: u64 = 32 * MIB;
/// Ten times as many pages as are moved into the file at once.
const WAL_PAGES: u64 = 40_000;
/// There are no roles to be granted something.
const SEE: &str = "Run this as the user that the file belongs to, on the machine that it is on.";
/// Free space that is not worth a word.
const FREE: u64 = 100 * MIB;

pub(super) fn findings(facts: &SqliteFacts) -> Vec<Finding> {
    let mut found = Vec::new();
    place(&facts.place, &mut found);
    if let Some(content) = &facts.content {
        self::content(content, &mut found);
    }
    for (what, why) in &facts.unseen {
        let finding = Finding::warning(Code::FactsUnseen, format!("{what}: {why}"));
        found.push(finding.remedy(SEE));
    }
    found
}

fn place(place: &PlaceFacts, found: &mut Vec<Finding>) {
    let kind = place
        .file_system
        .as_deref()
        .unwrap_or("an unknown file system");
    if place.network {
        let what = format!("the file lies on a network file system ({kind})");
        found.push(Finding::danger(Code::NetworkFileSystem, what).value(kind));
    }
    if place.volatile {
        let what = format!("the file lies in memory ({kind})");
        found.push(Finding::danger(Code::VolatileFileSystem, what).value(kind));
    }
    if !(place.writable && place.directory_writable) {
        let what = match (place.writable, place.directory_writable) {
            (false, false) => "neither the file nor its directory is writable",
            (false, true) => "the file is not writable",
            _ => "the directory of the file is not writable",
        };
        let what = format!(
            "{what} for this process; it belongs to user {}",
            place.owner
        );
        found
            .push(Finding::danger(Code::FileUnwritable, what).value(format!("{:04o}", place.mode)));
    }
    if let Some(free) = place.free_bytes.filter(|free| *free < NEARLY_FULL) {
        let severity = if free < FULL {
            Severity::Danger
        } else {
            Severity::Warning
        };
        let what = format!("the disk has {} MiB left", free / MIB);
        found.push(Finding::new(Code::DiskNearlyFull, severity, what).value(free.to_string()));
    }
    if place.mode & 0o022 != 0 {
        let what = format!("the file is writable for others (mode {:04o})", place.mode);
        found.push(Finding::warning(Code::FileExposed, what).value(format!("{:04o}", place.mode)));
    } else if place.mode & 0o044 != 0 {
        let what = format!("the file is readable for others (mode {:04o})", place.mode);
        found.push(Finding::note(Code::FileExposed, what).value(format!("{:04o}", place.mode)));
    }
}

fn content(content: &ContentFacts, found: &mut Vec<Finding>) {
    if !content.damage.is_empty() {
        let what = format!("SQLite's check says: {}", content.damage.join("; "));
        let remedy = "stop what uses it, keep a copy, and restore a backup";
        found.push(Finding::danger(Code::StoreCorrupt, what).remedy(remedy));
    }
    if content.synchronous < 2 {
        let value = match content.synchronous {
            1 => "normal",
            _ => "off",
        };
        let what =
            format!("commits are not waited for until they are on the disk (synchronous={value})");
        found.push(Finding::warning(Code::CommitUnsynced, what).value(value));
    }
    if content.journal_mode != "wal" {
        let what = format!("the file is in journal mode `{}`", content.journal_mode);
        found.push(Finding::warning(Code::JournalNotWal, what).value(&content.journal_mode));
    }
    if let Some(pages) = content.wal_pages.filter(|pages| *pages > WAL_PAGES) {
        let what = format!("{pages} pages of the write-ahead log are not in the file yet");
        found.push(Finding::warning(Code::WalLarge, what).value(pages.to_string()));
    }
    let free = content.free_pages.saturating_mul(content.page_size);
    if free > FREE && content.free_pages > content.pages / 2 {
        let what = format!("{} MiB of the file are free", free / MIB);
        found.push(Finding::note(Code::PagesFree, what).value(content.free_pages.to_string()));
    }
    if let Some(ahead) = content.clock_ahead {
        let how = "the database has seen a clock that was ahead of this host's";
        found.extend(common::clock(ahead, Duration::ZERO, how));
    }
}
