//! Copies that are whole, or are not there.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use fixtures::bed::{Bed, job};
use fixtures::postgres::PostgresCluster;
use queue_sqlite::rusqlite::Connection;

use super::Site;
use super::gone::{listens, tell};
use super::site::{DIFFERING, same};
use crate::Ran;

async fn some(bed: &Bed) {
    for _ in 0..3 {
        bed.put(job()).await;
    }
}

/// What is in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_copied_whole_and_opens_as_a_store() {
    let site = Site::empty_sqlite().migrated();
    site.seed(some);
    let before = names(site.desk.0.path());
    let lines = [
        "backup --out copy.db",
        "backup --out copy.db",
        "backup --out copy.db --force",
        "backup --out copy.db --force --json",
        "backup --out jobs.db --force",
        "backup --out nowhere/copy.db",
        "backup",
    ];
    let mut differing = DIFFERING.to_vec();
    differing.push((r"has \d+ bytes", "has [n] bytes"));
    differing.push((r#""bytes": \d+"#, "\"bytes\": [n]"));
    // Said where it takes long.
    differing.push((r"! (\d+ of )?\d+ pages are copied.*\n", ""));
    insta::with_settings!({ filters => differing, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("backup-sqlite", site.transcript(&lines));
    });
    let copy = site.desk.0.path().join("copy.db");
    let mode = fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut after = before;
    after.push("copy.db".to_owned());
    after.sort();
    assert_eq!(names(site.desk.0.path()), after, "nothing else is left");

    let mut restored = Site::empty_sqlite();
    restored.url = format!("sqlite:{}", copy.display());
    for line in ["stats", "job list", "audit verify"] {
        let there = restored.run(line);
        assert_eq!(there.code, 0, "{there:?}");
    }
    assert_eq!(restored.run("job list").data(), site.run("job list").data());
}

/// A log that is left of another database would be applied to the copy.
#[test]
fn a_log_beside_the_copy_is_in_the_way() {
    let site = Site::empty_sqlite().migrated();
    for ending in ["wal", "journal"] {
        let beside = format!("copy.db-{ending}");
        site.desk.file(&beside, "left of another one");
        for line in ["backup --out copy.db", "backup --out copy.db --force"] {
            let ran = site.run(line);
            assert!(
                ran.error(4).contains(&format!("{beside} is there")),
                "{ran:?}"
            );
        }
        fs::remove_file(site.desk.0.path().join(beside)).unwrap();
    }
    assert_eq!(site.run("backup --out copy.db").code, 0);
}

/// Whatever is asked for: what SQLite keeps beside the database is the database, and a device is no file.
#[test]
fn no_part_of_the_database_is_written_over() {
    let site = Site::empty_sqlite().migrated();
    for out in [
        "jobs.db",
        "jobs.db-wal",
        "jobs.db-shm",
        "jobs.db-journal",
        "./jobs.db-wal",
    ] {
        let ran = site.run(&format!("backup --out {out} --force"));
        assert!(ran.error(4).contains("the database itself"), "{ran:?}");
    }
    let folder = site.desk.0.path().join("folder.db");
    fs::create_dir(&folder).unwrap();
    let ran = site.run("backup --out folder.db --force");
    assert!(ran.error(4).contains("is not a regular file"), "{ran:?}");
    assert_eq!(site.run("doctor --deep").code, 0);
}

#[test]
fn a_schema_of_another_version_is_copied_too() {
    let site = Site::empty_sqlite();
    assert_eq!(site.run("migrate up --to 3").code, 0);
    assert_eq!(site.run("stats").code, 76);
    assert_eq!(site.run("backup --out before.db").code, 0);
    let copy = Connection::open(site.desk.0.path().join("before.db")).unwrap();
    let version = copy.query_row("SELECT max(version) FROM leasehold_migration", [], |row| {
        row.get(0)
    });
    assert_eq!(version, Ok(3));
}

/// It is checked where it lies; a file of that name is what nobody wants.
#[test]
fn a_backup_goes_to_no_pipe() {
    let site = Site::empty_sqlite().migrated();
    let ran = site.run("backup --out -");
    assert!(ran.error(64).contains("give the name of a file"), "{ran:?}");
    assert!(!site.desk.0.path().join("-").exists());
}

/// Nothing more can be written: no copy, and nothing of one.
#[test]
fn a_full_disk_leaves_nothing_behind() {
    let site = Site::empty_sqlite().migrated();
    site.seed(some);
    let before = names(site.desk.0.path());
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f 100; exec \"$0\" backup --out copy.db")
        .arg(env!("CARGO_BIN_EXE_leasehold"))
        .env("LEASEHOLD_DATABASE_URL", &site.url)
        .current_dir(site.desk.0.path())
        .stdin(Stdio::null());
    let ran = Ran::of(&shell.output().unwrap());
    assert!(
        ran.error(74)
            .starts_with("error: copy.db cannot be written: "),
        "{ran:?}"
    );
    assert_eq!(names(site.desk.0.path()), before);
}

/// Told to stop in the middle, or just too late: there is a whole copy, or nothing.
#[test]
fn a_signal_leaves_a_whole_copy_or_nothing() {
    let site = Site::empty_sqlite().migrated();
    let path = site.desk.0.path().join("jobs.db");
    let large = Connection::open(&path).unwrap();
    large
        .execute_batch("CREATE TABLE large AS SELECT zeroblob(64 << 20) AS x")
        .unwrap();
    drop(large);
    let before = names(site.desk.0.path());
    let child = site.command("backup --out copy.db").spawn().unwrap();
    while !listens(&child) {
        std::thread::yield_now();
    }
    tell(&child, "-INT");
    let ran = Ran::of(&child.wait_with_output().unwrap());
    let mut after = names(site.desk.0.path());
    let copied = after.iter().position(|name| name == "copy.db");
    match copied.map(|nth| after.remove(nth)) {
        None => assert_eq!(ran.code, 130, "{ran:?}"),
        Some(_) => assert_eq!(ran.code, 0, "{ran:?}"),
    }
    after.retain(|name| !name.starts_with("jobs.db-"));
    assert_eq!(after, before, "{ran:?}");
}

#[test]
fn a_damaged_file_makes_no_backup() {
    let site = Site::empty_sqlite().migrated();
    let path = site.desk.0.path().join("jobs.db");
    let mut bytes = fs::read(&path).unwrap();
    for byte in bytes.iter_mut().skip(8192).take(4096) {
        *byte = 0x55;
    }
    fs::write(&path, bytes).unwrap();
    let ran = site.run("backup --out copy.db");
    assert!(ran.error(65).contains("leasehold doctor --deep"), "{ran:?}");
    assert!(!site.desk.0.path().join("copy.db").exists());
}

/// The commands that are printed are run.
#[test]
fn a_server_is_backed_up_and_restored_by_what_is_said() {
    let cluster = PostgresCluster::shared();
    let mut site = Site::empty_postgres().migrated();
    site.seed(some);
    let binaries = cluster.binaries();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap());
    let out = site.desk.0.path().join("queue dump");
    let mut command = site.command("backup --json --out");
    let ran = Ran::of(&command.arg(&out).env("PATH", &path).output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("nothing was written"), "{ran:?}");
    let said: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    shape(&said);
    let line = |name: &str| said["item"][name].as_str().unwrap().to_owned();
    assert!(
        line("base_backup").starts_with("pg_basebackup --host=/tmp/leasehold-"),
        "{said}"
    );
    let shell = |line: &str| {
        let mut shell = Command::new("sh");
        let ended = shell
            .args(["-c", line])
            .env("PATH", &path)
            .output()
            .unwrap();
        assert!(ended.status.success(), "{line}: {ended:?}");
    };
    shell(&line("dump"));
    let there = site.run("job list").data();
    assert_eq!(there.lines().count(), 3);
    let new = cluster.create_database();
    let name = |url: &str| {
        let rest = url.split("localhost/").nth(1).unwrap();
        rest.split('?').next().unwrap().to_owned()
    };
    let database = |url: &str| format!("--dbname={}", name(url));
    shell(&line("restore").replace(&database(&site.url), &database(&new)));
    site.url = new;
    assert_eq!(site.run("job list").data(), there);

    // Without the programs it says what is missing.
    let mut command = site.command("backup --out dump");
    let ran = Ran::of(&command.env("PATH", "/nowhere").output().unwrap());
    assert_eq!(ran.code, 6, "{ran:?}");
    assert!(ran.stderr.contains("pg_dump is missing"), "{ran:?}");
    let password = site.url.replace("postgres@", "postgres:hunter2@");
    let ran = site
        .desk
        .run(&format!("backup --out dump --database {password}"));
    assert!(
        !ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"),
        "{ran:?}"
    );
}

/// What a program reads of it, on whatever machine and whatever server there is.
fn shape(said: &serde_json::Value) {
    let mut said = said.clone();
    for name in ["server", "dump", "restore", "base_backup"] {
        assert!(said["item"][name].is_string(), "{name}");
        said["item"][name] = format!("[{name}]").into();
    }
    for program in said["item"]["programs"].as_array_mut().unwrap() {
        assert!(program["version"].is_string(), "{program}");
        program["version"] = "[version]".into();
    }
    same("backup-postgres", &format!("{said:#}\n"));
}
