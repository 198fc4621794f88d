//! The disk of a SQLite file is full, and has room again.

use std::process::Command;

use crate::harness::{PROGRAM, Place, Running, until_status};

/// The program, whose files may not grow: what is left of a disk that is full. The limit can be taken away.
fn on_a_full_disk(place: &Place) -> Command {
    let of_place = place.program();
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; ulimit -S -f 0; exec \"$0\"", PROGRAM])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    for (name, value) in of_place.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command
}

/// What the files of the process may become.
fn limit(daemon: &Running, bytes: &str) {
    let set = Command::new("prlimit")
        .args([
            format!("--pid={}", daemon.child.id()),
            format!("--fsize={bytes}:"),
        ])
        .status();
    assert!(set.unwrap().success());
}

/// It waits for room when it starts and later, and says each once, though loops that only read go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_sat_out() {
    let place = Place::sqlite().await;
    let daemon = Running::start_managed(on_a_full_disk(&place), place.dir.path());
    let said = daemon.hears("the database does not answer");
    assert!(said.contains("the disk is full"), "{said}");
    assert_eq!(place.get("/readyz").0, 503);
    limit(&daemon, "unlimited");
    daemon.tells("READY=1");
    until_status(&place, "/readyz", 200);

    let lines = || daemon.said.lock().unwrap().clone();
    let said_before = lines().len();
    limit(&daemon, "0");
    daemon.hears("the database does not answer");
    let failures = |name: &str| {
        let health: serde_json::Value = serde_json::from_str(&place.get("/healthz").1).unwrap();
        let of_loop = &health["loops"][name];
        (
            of_loop["errors"].as_u64().unwrap(),
            of_loop["passes"].as_u64().unwrap(),
        )
    };
    let (errors, _) = failures("pulse");
    let (_, passes) = failures("statistics");
    while failures("pulse").0 < errors + 3 || failures("statistics").1 < passes + 3 {
        std::thread::yield_now();
    }
    assert_eq!(place.get("/readyz").0, 503);
    limit(&daemon, "unlimited");
    daemon.hears("the database answers again");
    until_status(&place, "/readyz", 200);
    let mut said = lines().split_off(said_before);
    said.retain(|line| line.contains("the database"));
    assert_eq!(said.len(), 2, "{said:#?}");
}
