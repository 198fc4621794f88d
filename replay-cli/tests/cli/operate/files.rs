//! Files that cannot be written to their end: they are there whole, or nothing of them is.

use std::fs;
use std::process::{Command, Stdio};

use fixtures::bed::{Bed, job};
use fixtures::postgres::PostgresCluster;

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

#[test]
fn a_full_disk_leaves_neither_a_plan_nor_an_export() {
    for site in Site::both() {
        with_letters(&site, LETTERS);
        let before = names(&site);
        for line in [PLAN, EXPORT] {
            // There is room for what a database needs to be looked at.
            let limited = format!("trap '' XFSZ; ulimit -f 80; exec \"$0\" {line}");
            let mut shell = Command::new("sh");
            shell
                .args(["-c", &limited, env!("CARGO_BIN_EXE_leasehold")])
                .env("LEASEHOLD_DATABASE_URL", &site.url)
                .env("LEASEHOLD_ACTOR", "ada")
                .current_dir(site.desk.0.path())
                .stdin(Stdio::null());
            let ran = Ran::of(&shell.output().unwrap());
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
