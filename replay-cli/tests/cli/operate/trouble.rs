//! Databases that are not as they should be.

use std::process::{Command, Stdio};

use fixtures::bed::{Bed, job};
use fixtures::postgres::PostgresCluster;
use queue_sqlite::rusqlite::Connection;

use super::Site;
use crate::Ran;

#[test]
fn no_password_is_ever_said() {
    let site = Site::empty_sqlite();
    for url in [
        "postgres://ops:hunter2@localhost:1/app",
        "postgres://ops:hunter2@localhost:port/app",
        "postgres://ops:hunter2@localhost/app?no_such=1",
        "postgres://ops:hunter2@localhost/app?pool=hunter2&prepared=perhaps",
        "postgress://ops:hunter2@localhost/app",
        "mysql://ops:hunter2@localhost/app",
        "ops:hunter2@localhost/app",
        "hunter2",
    ] {
        let mut command = site.desk.command("stats");
        let ran = Ran::of(&command.args(["--database", url]).output().unwrap());
        let wanted = if url.contains("localhost:1/") { 69 } else { 78 };
        let said = ran.error(wanted);
        let hidden = !said.contains("hunter2") || url.contains("pool=hunter2");
        assert!(hidden, "{url}: {said}");
    }
    let ran = site.desk.run("stats");
    assert!(ran.error(64).contains("give --database URL"), "{ran:?}");
}

/// What the server says of a wrong password, and of a database that is not there.
#[test]
fn who_may_not_connect_hears_why() {
    let cluster = PostgresCluster::start();
    let url = cluster.create_database();
    let hba = cluster.socket_directory().join("data/pg_hba.conf");
    std::fs::write(
        &hba,
        "local all nobody scram-sha-256\nlocal all all trust\n",
    )
    .unwrap();
    cluster
        .sql(
            "postgres",
            "CREATE ROLE nobody LOGIN PASSWORD 'right'; SELECT pg_reload_conf()",
        )
        .unwrap();
    cluster.restart();
    let site = Site::empty_sqlite();
    let wrong = url.replace("postgres@", "nobody:hunter2@");
    let ran = site.desk.run(&format!("stats --database {wrong}"));
    let said = ran.error(78);
    assert!(said.contains("give the right user and password"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    let ran = site
        .desk
        .run(&format!("stats --database {}", cluster.url("nowhere")));
    assert!(ran.error(78).contains("create the database"), "{ran:?}");
}

#[test]
fn a_schema_that_is_too_new_is_left_alone() {
    let site = Site::empty_sqlite().migrated();
    let conn = Connection::open(site.desk.0.path().join("jobs.db")).unwrap();
    conn.execute(
        "INSERT INTO leasehold_migration (version, name, checksum, applied_at) VALUES (99, 'x', 'y', 0)",
        [],
    )
    .unwrap();
    drop(conn);
    let postgres = Site::empty_postgres().migrated();
    let name = postgres
        .url
        .rsplit('/')
        .nth(2)
        .unwrap_or_default()
        .to_owned();
    let database = postgres
        .url
        .split("localhost/")
        .nth(1)
        .and_then(|rest| rest.split('?').next())
        .unwrap_or(&name);
    PostgresCluster::shared()
        .sql(
            database,
            "INSERT INTO leasehold.schema_migration VALUES (99, 'x', 'y', now())",
        )
        .unwrap();
    for site in [site, postgres] {
        for line in [
            "stats",
            "migrate status",
            "migrate up",
            "migrate down --to 0 --yes",
        ] {
            let ran = site.run(line);
            assert!(
                ran.error(76).contains("use the newer one"),
                "{line}: {ran:?}"
            );
        }
    }
}

#[test]
fn what_is_no_database_is_refused() {
    let site = Site::empty_sqlite();
    site.desk
        .file("jobs.db", "this is no database, but a text of some length");
    let ran = site.run("stats");
    assert!(
        ran.error(78).contains("it is not a SQLite database"),
        "{ran:?}"
    );
    let ran = site.run("doctor");
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(!ran.stdout.contains("nothing is lost"), "{ran:?}");
    let ran = site.desk.run("stats --database sqlite:.");
    assert!(ran.error(78).contains("it is a directory"), "{ran:?}");
}

/// Nothing more can be written: what was asked is not done, and is not said to be.
#[test]
fn a_full_disk_is_said() {
    let site = Site::empty_sqlite().migrated();
    site.seed(async |bed: &Bed| {
        bed.put(job()).await;
    });
    let program = env!("CARGO_BIN_EXE_leasehold");
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f 0; exec \"$0\" queue pause q --reason OPS-17")
        .arg(program)
        .env("LEASEHOLD_DATABASE_URL", &site.url)
        .stdin(Stdio::null());
    let ran = Ran::of(&shell.output().unwrap());
    let said = ran.error(69);
    assert!(said.contains("the disk is full"), "{said}");
    assert_eq!(site.run("queue list").data().split('\t').nth(1), Some(""));
}

#[test]
fn a_closed_pipe_is_no_trouble() {
    let site = Site::empty_sqlite().migrated();
    site.seed(async |bed: &Bed| {
        bed.dead(job(), "BROKEN").await;
    });
    for line in [
        "dead list",
        "dead list --json",
        "stats",
        "job list --limit 1",
    ] {
        let mut child = site.command(line).spawn().unwrap();
        drop(child.stdout.take());
        let ran = Ran::of(&child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{line}");
    }
}
