//! Each drill, on each of its databases.
#![expect(clippy::panic, reason = "a panic is how a test reports")]

use std::path::Path;

use drills::{Drill, Measured};

fn hold(name: &str, database: &'static str) {
    let drill = Drill::named(name).unwrap_or_else(|| panic!("there is no drill {name}"));
    assert!(drill.databases.contains(&database), "{name} on {database}");
    let program = Path::new(env!("CARGO_BIN_EXE_drill"));
    drill.hold(database, program, Measured::Compared);
}

macro_rules! held {
    ($($name:ident: $page:literal on $($database:literal),+;)+) => {
        $(mod $name {
            #[test]
            fn is_carried_out() {
                $(super::hold($page, $database);)+
            }
        })+

        #[test]
        fn each_drill_is_held_on_each_of_its_databases() {
            let held = [$(($page, &[$($database),+][..])),+];
            let drills = Drill::ALL.map(|drill| (drill.name, drill.databases));
            assert_eq!(held[..], drills[..]);
        }
    };
}

held! {
    audit_broken: "audit-broken" on "sqlite", "postgres";
    backup: "backup" on "sqlite", "postgres";
    bad_deploy: "bad-deploy" on "sqlite", "postgres";
    dead_letters_rising: "dead-letters-rising" on "sqlite", "postgres";
    deliveries_failing: "deliveries-failing" on "sqlite", "postgres";
    disk_full: "disk-full" on "sqlite";
    failover: "failover" on "postgres";
    horizon_held: "horizon-held" on "sqlite", "postgres";
    in_doubt: "in-doubt" on "sqlite", "postgres";
    jobs_waiting: "jobs-waiting" on "sqlite", "postgres";
    loop_stuck: "loop-stuck" on "sqlite", "postgres";
    migrate: "migrate" on "sqlite", "postgres";
    not_ready: "not-ready" on "postgres";
    outbox_lag: "outbox-lag" on "sqlite", "postgres";
    replay: "replay" on "sqlite", "postgres";
    rotate_credentials: "rotate-credentials" on "postgres";
    worker_hung: "worker-hung" on "sqlite", "postgres";
}
