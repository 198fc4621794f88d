use std::fs;
use std::os::unix::fs::PermissionsExt;

use queue_sqlite::rusqlite::Connection;

use super::site::{DIFFERING, Site};

/// Two changes, as Ada makes them.
const CHANGES: [&str; 2] = [
    "queue pause mail --new --reason OPS-17",
    "queue resume mail --reason OPS-18",
];

fn same(name: &str, text: &str) {
    let mut differing = DIFFERING.to_vec();
    differing.extend([
        (r"[0-9a-f]{64}", "[hash]"),
        (r"key [0-9a-f]{16}", "key [key]"),
        (r#""database":"-?\d+""#, "\"database\":\"[id]\""),
        (r#""key":( ?)"[0-9a-f]{16}""#, "\"key\":$1\"[key]\""),
        (r#""at_micros":( ?)\d+"#, "\"at_micros\":${1}0"),
        (r"/tmp/\S*?/(\w+\.jsonl)", "[folder]/$1"),
    ]);
    insta::with_settings!({ filters => differing, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

fn done(site: &Site, line: &str) {
    let ran = site.run(line);
    assert_eq!(ran.code, 0, "{ran:?}");
}

fn changed(site: &Site) {
    for line in CHANGES {
        done(site, line);
    }
}

#[test]
fn what_was_done_is_listed_exported_and_verified() {
    for site in Site::both() {
        let lines = [
            "audit list",
            "audit verify",
            "audit keygen --out audit.pem",
            "audit keygen --out audit.pem",
            "audit checkpoint --sign-key file:audit.pem",
            CHANGES[0],
            CHANGES[1],
            "audit list",
            "audit list --oldest-first --limit 1",
            "audit list --oldest-first --limit 1 --after 1 --json",
            "audit list --actor ada --action queue.configure --target queue:mail --text ops-17",
            "audit list --since 2020-01-01 --until 1h",
            "audit verify",
            "audit verify --public-key audit.pem.pub",
            "audit checkpoint --sign-key file:audit.pem --out head",
            "audit verify --public-key audit.pem.pub --checkpoint head --json",
            "audit export --out audit.jsonl --sign-key file:audit.pem",
            "audit export --out audit.csv --format csv",
            "audit verify audit.jsonl",
            "audit verify audit.jsonl --public-key audit.pem.pub --checkpoint head",
            "audit verify audit.csv",
            "audit verify audit.csv --public-key audit.pem.pub",
            "audit verify audit.csv --public-key audit.pem.pub --checkpoint head",
            "audit export --out - --since-seq 9",
            "audit keygen --out other.pem --json",
            "audit checkpoint --sign-key file:audit.pem --json",
            "audit checkpoint --sign-key file:audit.pem --out another --json",
            "audit verify --checkpoint another --json",
            "audit export --out another.jsonl --sign-key file:audit.pem --json",
            "audit export --out none.csv --format csv --since-seq 9 --json",
            "audit export --out - --since-seq 9 --json",
        ];
        same("audit", &site.transcript(&lines));
    }
}

#[test]
fn what_cannot_be_is_refused() {
    for site in Site::both() {
        changed(&site);
        done(&site, "audit keygen --out audit.pem");
        done(&site, "audit keygen --out other.pem");
        done(
            &site,
            "audit export --out audit.jsonl --sign-key file:audit.pem",
        );
        let lines = [
            "audit export --out audit.jsonl",
            "audit export --out nowhere/audit.jsonl",
            "audit export --out new --sign-key hunter2",
            "audit export --out new --sign-key file:audit.pem.pub",
            "audit export --out new --sign-key file:nowhere",
            "audit export --out new --sign-key credential:nowhere",
            "audit export --out new --sign-key env:NOWHERE",
            "audit export --out new --since-seq 0",
            "audit export --out new --format xml",
            "audit verify nowhere",
            "audit verify audit.pem",
            "audit verify audit.jsonl --public-key audit.pem",
            "audit verify audit.jsonl --public-key other.pem.pub",
            "audit verify audit.jsonl --checkpoint audit.pem",
            "audit list --action",
            "audit list --action configure",
            "audit list --target 5",
            "audit list --target :5",
            "audit list --since 1h --until 2h",
        ];
        same("audit-refused", &site.transcript(&lines));
        assert!(!site.desk.0.path().join("new").exists());
    }
}

#[test]
fn a_changed_export_is_found_without_a_database() {
    for site in Site::both() {
        changed(&site);
        done(&site, "audit keygen --out audit.pem");
        done(
            &site,
            "audit export --out audit.jsonl --sign-key file:audit.pem",
        );
        let path = |name: &str| site.desk.0.path().join(name);
        for name in ["audit.pem", "audit.jsonl"] {
            let mode = fs::metadata(path(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        // That one is to be given to others.
        let public = fs::metadata(path("audit.pem.pub")).unwrap();
        assert_eq!(public.permissions().mode() & 0o777, 0o644);
        let whole = fs::read_to_string(path("audit.jsonl")).unwrap();
        let lines: Vec<_> = whole.lines().collect();
        assert_eq!(lines.len(), 4, "a header, two records, a checkpoint");
        let verify = "audit verify changed --public-key audit.pem.pub";
        let tampered = [
            (
                whole.replace("OPS-17", "OPS-19"),
                "record 1: it was changed",
            ),
            (
                format!("{}\n{}\n{}\n", lines[0], lines[2], lines[3]),
                "record 1: it is missing",
            ),
            (
                format!("{}\n{}\n{}\n", lines[0], lines[1], lines[3]),
                "record 2: it is missing",
            ),
            (
                whole[..whole.len() - 30].to_owned(),
                "line 4 cannot be read",
            ),
            (
                format!("{}\n{}\n", lines[0], lines[1]),
                "no checkpoint vouches",
            ),
        ];
        for (text, said) in tampered {
            fs::write(path("changed"), text).unwrap();
            let ran = site.desk.run(verify);
            assert_eq!(ran.code, 6, "{ran:?}");
            assert!(ran.stderr.contains(said), "{said}: {ran:?}");
        }
        fs::write(path("changed"), whole).unwrap();
        assert_eq!(site.desk.run(verify).code, 0);
    }
}

#[test]
fn a_changed_database_is_found_and_neither_exported_nor_signed() {
    let site = Site::empty_sqlite().migrated();
    changed(&site);
    done(&site, "audit keygen --out audit.pem");
    done(
        &site,
        "audit checkpoint --sign-key file:audit.pem --out head",
    );
    let conn = Connection::open(site.desk.0.path().join("jobs.db")).unwrap();
    conn.execute_batch(
        "DROP TRIGGER leasehold_audit_no_update;
         UPDATE leasehold_audit SET actor = 'eve' WHERE seq = 2",
    )
    .unwrap();
    for line in [
        "audit verify",
        "audit export --out new --sign-key file:audit.pem",
        "audit checkpoint --sign-key file:audit.pem --out new",
    ] {
        let ran = site.run(line);
        assert_eq!(ran.code, 6, "{ran:?}");
        assert!(ran.stderr.contains("record 2: it was changed"), "{ran:?}");
    }
    assert!(!site.desk.0.path().join("new").exists());
    conn.execute_batch(
        "DROP TRIGGER leasehold_audit_no_delete; DELETE FROM leasehold_audit WHERE seq = 2",
    )
    .unwrap();
    assert_eq!(site.run("audit verify").code, 0, "nothing tells of it");
    let ran = site.run("audit verify --checkpoint head --public-key audit.pem.pub");
    assert_eq!(ran.code, 6, "{ran:?}");
    assert!(ran.stdout.contains("audit_truncated"), "{ran:?}");
}

#[test]
fn the_older_part_is_archived_and_the_rest_verifies() {
    for site in Site::both() {
        changed(&site);
        done(&site, "audit keygen --out audit.pem");
        done(&site, "audit keygen --out other.pem");
        done(
            &site,
            "audit checkpoint --sign-key file:audit.pem --out early",
        );
        let archive = "audit archive --sign-key file:audit.pem --reason OPS-19 --before";
        let lines = [
            &*format!("{archive} 2020-01-01 --out nothing.jsonl"),
            &format!("{archive} 0s --out old.jsonl"),
            "audit list",
            "audit list --oldest-first --limit 1",
            "audit list --actor nobody",
            "audit verify",
            "audit verify --public-key audit.pem.pub --checkpoint early",
            "audit verify --public-key other.pem.pub",
            "audit verify old.jsonl --public-key audit.pem.pub --checkpoint early",
            &format!("{archive} 0s --out old.jsonl"),
            &format!("{archive} 0s --out other.pem"),
            "audit export --out early.jsonl --since-seq 1",
            "audit export --out rest.jsonl --sign-key file:other.pem",
            "audit export --out rest.jsonl --sign-key file:other.pem --public-key audit.pem.pub",
            "audit verify rest.jsonl",
            "audit verify rest.jsonl --public-key other.pem.pub",
            "audit verify rest.jsonl --public-key other.pem.pub --public-key audit.pem.pub",
            "audit export --out rest.csv --format csv",
            "audit verify rest.csv --public-key audit.pem.pub",
            "audit checkpoint --sign-key file:audit.pem --out later",
            "audit verify --public-key audit.pem.pub --checkpoint later --json",
            &format!("{archive} 0s --out next.jsonl --json"),
            "audit verify next.jsonl --public-key audit.pem.pub",
            "audit list",
        ];
        same("audit-archive", &site.transcript(&lines));
        let path = |name: &str| site.desk.0.path().join(name);
        assert!(!path("nothing.jsonl").exists() && !path("early.jsonl").exists());
        let mode = fs::metadata(path("old.jsonl"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
