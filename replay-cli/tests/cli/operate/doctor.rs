//! What a database promises, as it is told.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use fixtures::postgres::PostgresCluster;
use queue_sqlite::rusqlite::Connection;
use tempfile::TempDir;

use super::Site;
use super::site::DIFFERING;
use crate::Ran;

/// A file on the disk that the tests are built on, since a folder for temporary files may be in memory.
pub(super) fn on_disk() -> (Site, TempDir) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut site = Site::empty_sqlite();
    let path = folder.path().join("jobs.db");
    site.url = format!("sqlite:{}", path.display());
    let site = site.migrated();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    (site, folder)
}

pub(super) fn said(name: &str, text: &str) {
    let mut differing = DIFFERING.to_vec();
    differing.extend([
        (r#"(version(\t|": "| {2,}))\d[^\n"]*"#, "$1[version]"),
        (r"(this program knows )\d+", "$1[newest]"),
    ]);
    insta::with_settings!({ filters => differing, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn a_file_promises_what_it_is_opened_with() {
    let (mut site, folder) = on_disk();
    let sound = site.transcript(&["doctor", "doctor --deep --json"]);
    let path = folder.path().join("jobs.db");
    let plain = site.url.clone();
    site.url += "?synchronous=normal";
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let normal = site.transcript(&["doctor", "doctor --json"]);
    site.url = plain;
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("INSERT INTO leasehold_migration VALUES (99, 'x', 'y', 0)")
        .unwrap();
    let newer = site.transcript(&["doctor"]);
    said("doctor-sqlite", &format!("{sound}{normal}{newer}"));
}

/// Whoever may not write still hears what can be seen.
#[test]
fn a_folder_that_is_not_writable_is_a_danger() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jobs.db");
    let mut site = Site::empty_sqlite();
    site.url = format!("sqlite:{}", path.display());
    let site = site.migrated();
    let mode =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&path, 0o444);
    mode(folder.path(), 0o555);
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut command = if is_root {
        // Who may do everything has to become somebody who may not, and that one may not look into the
        // folder of the build.
        let program = site.desk.0.path().join("leasehold");
        fs::copy(env!("CARGO_BIN_EXE_leasehold"), &program).unwrap();
        mode(site.desk.0.path(), 0o755);
        let mut command = Command::new(program);
        command
            .env("LEASEHOLD_DATABASE_URL", &site.url)
            .arg("doctor")
            .uid(65_534);
        command.current_dir(site.desk.0.path());
        command
    } else {
        site.command("doctor")
    };
    let ran = Ran::of(&command.output().unwrap());
    mode(folder.path(), 0o755);
    assert_eq!(ran.code, 7, "{ran:?}");
    let said = "findings\tdanger\tfile_unwritable\tneither the file nor its directory is writable";
    assert!(ran.stdout.contains(said), "{ran:?}");
    assert!(
        ran.stdout.contains("findings\tdanger\tSTORE_REFUSED\t"),
        "{ran:?}"
    );
}

#[test]
fn a_server_promises_what_its_settings_and_standbys_do() {
    let cluster = PostgresCluster::start_durable();
    let mut site = Site::empty_sqlite();
    site.url = cluster.create_database();
    let mut text = site.transcript(&["doctor"]);
    let mut site = site.migrated();
    text += &site.transcript(&["doctor"]);
    let set = "ALTER ROLE postgres SET synchronous_commit = off";
    cluster.sql("postgres", set).unwrap();
    text += &site.transcript(&["doctor"]);
    cluster.restart_as_standby();
    text += &site.transcript(&["doctor"]);
    // Newer servers have checksums where nobody asked for them.
    text = text
        .lines()
        .filter(|line| !line.contains("checksums"))
        .map(|line| format!("{line}\n"))
        .collect();
    said("doctor-postgres", &text);
    cluster.stop_fast();
    let ran = site.run("doctor");
    assert!(ran.error(69).contains("is not available"), "{ran:?}");
    site.url = "sqlite:/nowhere/jobs.db".to_owned();
    assert!(
        site.run("doctor")
            .error(78)
            .contains("there is no such file")
    );
}

#[test]
fn a_server_that_forgets_everything_is_a_danger() {
    for (setting, code, exit) in [
        ("fsync=off", "fsync_off", 7),
        ("full_page_writes=off", "full_page_writes_off", 7),
        ("autovacuum=off", "autovacuum_off", 7),
    ] {
        let cluster = PostgresCluster::start_with(&[setting]);
        let mut site = Site::empty_sqlite();
        site.url = cluster.create_database();
        let site = site.migrated();
        let ran = site.run("doctor");
        assert_eq!(ran.code, exit, "{ran:?}");
        assert!(
            ran.stdout.contains(&format!("findings\tdanger\t{code}\t")),
            "{ran:?}"
        );
    }
}
