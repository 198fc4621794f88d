//! Files that cannot be written to their end: they are there whole, or nothing of them is.

use std::fs;
use std::process::{Command, Stdio};

use fixtures::bed::{Bed, job};
use fixtures::postgres::PostgresCluster;
use queue_core::{LetterFilter, LetterPage, LetterState};

use super::Site;
use super::gone::Lock;
use crate::Ran;

/// So many that a plan of them, and the record of what was done with them, is larger than a small disk.
const LETTERS: usize = 500;

const PLAN: &str = "replay plan --out plan.json";
const EXPORT: &str = "audit export --out audit.jsonl";

/// Letters with evidence, each of which is on record.
fn with_letters(site: &Site, letters: usize) {
    site.seed(async |bed: &Bed| {
        for _ in 0..letters {
            bed.dead(job(), "BROKEN").await;
        }
    });
    let attach = "--attach-evidence OPS-17 --reason OPS-17";
    let ran = site.run(&format!("replay plan --out first.json {attach}"));
    assert_eq!(ran.code, 0, "{ran:?}");
}

fn names(site: &Site) -> Vec<String> {
    let entries = fs::read_dir(site.desk.0.path()).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("jobs.db-"))
        .collect();
    names.sort();
    names
}

/// Where no file may grow beyond so many blocks of 512 bytes.
fn on_a_full_disk(site: &Site, blocks: u32, line: &str) -> Ran {
    let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" {line}");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &limited, env!("CARGO_BIN_EXE_leasehold")])
        .env("LEASEHOLD_DATABASE_URL", &site.url)
        .env("LEASEHOLD_ACTOR", "ada")
        .current_dir(site.desk.0.path())
        .stdin(Stdio::null());
    Ran::of(&shell.output().unwrap())
}

#[test]
fn a_full_disk_leaves_neither_a_plan_nor_an_export() {
    for site in Site::both() {
        with_letters(&site, LETTERS);
        let before = names(&site);
        for line in [PLAN, EXPORT] {
            // There is room for what a database needs to be looked at.
            let ran = on_a_full_disk(&site, 80, line);
            let said = ran.error(74);
            assert!(said.contains(" cannot be written: "), "{line}: {said}");
            assert_eq!(names(&site), before, "{line}");
            let ran = site.run(line);
            assert_eq!(ran.code, 0, "{line}: {ran:?}");
            let name = line.rsplit(' ').next().unwrap();
            fs::remove_file(site.desk.0.path().join(name)).unwrap();
        }
    }
}

#[test]
fn a_database_that_goes_away_leaves_neither() {
    for (line, table) in [(PLAN, "dead_letter"), (EXPORT, "audit")] {
        let cluster = PostgresCluster::start_durable();
        let mut site = Site::empty_postgres();
        site.url = cluster.create_database();
        let site = site.migrated();
        with_letters(&site, 2);
        let before = names(&site);
        let lock = format!("LOCK TABLE leasehold.{table} IN ACCESS EXCLUSIVE MODE");
        let ran = site.block_on(async {
            let mut lock = Lock::on(&site.url, &lock).await;
            let child = site.command(line).spawn().unwrap();
            lock.is_waited_for().await;
            cluster.stop_immediate();
            Ran::of(&child.wait_with_output().unwrap())
        });
        let said = ran.error(69);
        assert!(said.contains("is not available"), "{line}: {said}");
        assert_eq!(names(&site), before, "{line}");
        cluster.restart();
        let ran = site.run(line);
        assert_eq!(ran.code, 0, "{line}: {ran:?}");
    }
}

/// The disk is full in the middle of a replay: what was replayed stands, and the next command does the rest.
#[test]
fn a_full_disk_ends_a_replay_that_is_gone_on_with() {
    let site = Site::empty_sqlite().migrated();
    with_letters(&site, LETTERS);
    // In small steps, each a transaction.
    let line = "replay apply first.json --include-unsafe --lease 3s --rate 500/s --reason OPS-17";
    // There is room for the first ones in the log of the database; for all there is not, not even in one step.
    let ran = on_a_full_disk(&site, 700, line);
    assert_eq!((ran.code, ran.stdout.as_str()), (69, ""), "{ran:?}");
    for wanted in [
        "the disk is full",
        "`leasehold replay status first.json` shows",
    ] {
        assert!(ran.stderr.contains(wanted), "{ran:?}");
    }
    let status = site.run("replay status first.json --json");
    let counts = &status.verdict()["item"]["counts"];
    let seen = counts["running"].as_u64().unwrap();
    assert!(seen > 0 && seen < LETTERS as u64, "{counts}");

    let ran = site.run(&format!("{line} --when-free"));
    assert_eq!(ran.code, 0, "{ran:?}");
    let stands = format!("run 1 goes on, 500/s: {seen} of {LETTERS} seen: {seen} not ended\n");
    assert!(ran.stderr.contains(&stands), "{ran:?}");
    assert!(
        ran.stdout.contains(&format!("\nreplayed\t{LETTERS}\n")),
        "{ran:?}"
    );
    site.seed(async |bed: &Bed| {
        let filter = LetterFilter::default();
        let page = LetterPage::first(1_000).unwrap();
        let letters = bed.store.letters(&filter, page).await.unwrap().letters;
        assert_eq!(letters.len(), LETTERS);
        for letter in &letters {
            assert_eq!((letter.state, letter.replays), (LetterState::Replaying, 1));
        }
    });
    assert_eq!(site.run("audit verify").code, 0);
    let ran = site.run("doctor --deep --json");
    assert!(!ran.stdout.contains("SQLite's check says"), "{ran:?}");
}
