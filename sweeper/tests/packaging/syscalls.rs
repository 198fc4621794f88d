//! The program under the unit's walls, as far as they can be put up without systemd: whatever it asks of the kernel
//! from its start to its end is something that the unit lets through.

use std::collections::{BTreeSet, HashSet};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use fixtures::postgres::PostgresCluster;
use queue_core::JobState;

use crate::harness::{PROGRAM, Place, Running, abandoned_job, until_status};
use crate::tool::{run, said, systemd_analyze, tool};
use crate::unit::{NETWORK, drop_ins, unit, values};

/// A call as strace writes it: `socket(AF_UNIX, SOCK_STREAM, 0) = 3`.
#[derive(Debug)]
struct Call {
    name: String,
    line: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walls_leave_room_for_a_sqlite_file() {
    let place = Place::sqlite().await;
    let calls = a_life(place, &[("LEASEHOLD_LOG_FORMAT", "human")]).await;
    keeps_to(&calls, &unit());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walls_leave_room_for_postgres_by_its_socket() {
    let place = Place::postgres().await;
    let calls = a_life(place, &[("LEASEHOLD_LOG_FORMAT", "json")]).await;
    keeps_to(&calls, &unit());
}

/// On a port, as the drop-in has it; and more than that is not let through without it.
#[tokio::test(flavor = "multi_thread")]
async fn the_drop_in_opens_the_network() {
    let place = Place::sqlite().await;
    let calls = a_life(place, &[("LEASEHOLD_HTTP_LISTEN", "127.0.0.1:0")]).await;
    let network = drop_ins().into_iter().find(|(name, _)| name == NETWORK);
    keeps_to(&calls, &format!("{}\n{}", unit(), network.unwrap().1));
    let beyond = violations(&calls, &unit());
    assert!(
        beyond.iter().any(|line| line.contains("AF_INET")),
        "{beyond:?}"
    );
}

#[test]
fn a_filter_that_is_too_narrow_is_noticed() {
    let narrow = unit().replace("~@privileged", "~@file-system @privileged");
    let call = Call {
        name: "openat".to_owned(),
        line: "openat(AT_FDCWD, \"/\", 0) = 3".to_owned(),
    };
    let calls = [call];
    assert!(violations(&calls, &unit()).is_empty());
    assert_eq!(violations(&calls, &narrow), [calls[0].line.clone()]);
}

/// Started, swept, asked, reloaded and stopped, as a user without rights.
async fn a_life(place: Place, environment: &[(&str, &str)]) -> Vec<Call> {
    let store = place.store().await;
    let program = place.dir.path().join("leasehold-sweeper");
    std::fs::copy(PROGRAM, &program).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let trace = place.dir.path().join("trace");
    let config = place.dir.path().join("leasehold.toml");
    std::fs::write(&config, "[sweeper]\nname = \"traced\"\n").unwrap();

    let given = place.program();
    let mut command = Command::new(tool("STRACE", "strace"));
    command.env_clear().env("WATCHDOG_USEC", "200000");
    for (name, value) in given.get_envs() {
        command.env(name, value.unwrap());
    }
    command.envs(environment.iter().copied());
    command.args(["-f", "-qq", "-o"]).arg(&trace).arg(&program);
    command.arg("--config").arg(&config);
    lend(place.dir.path(), &mut command);
    let serves_here = !environment
        .iter()
        .any(|(name, _)| *name == "LEASEHOLD_HTTP_LISTEN");

    let daemon = Running::start_managed(command, place.dir.path());
    daemon.tells("READY=1");
    let job = abandoned_job(&*store).await;
    while store.job(job).await.unwrap().unwrap().state != JobState::Queued {
        tokio::task::yield_now().await;
    }
    if serves_here {
        for page in ["/livez", "/readyz", "/healthz", "/metrics"] {
            until_status(&place, page, 200);
        }
    }
    let pid = traced(daemon.child.id());
    for signal in ["HUP", "USR1"] {
        signal_to(pid, signal);
    }
    daemon.tells("RELOADING=1");
    daemon.tells("WATCHDOG=1");
    signal_to(pid, "TERM");
    daemon.tells("STOPPING=1");
    let (status, log) = daemon.ends();
    assert_eq!(status.code(), Some(0), "{log:?}");
    calls(&std::fs::read_to_string(&trace).unwrap())
}

/// As root, the files and the process become those of the user who has the tests' Postgres: SQLite, for one, asks
/// more of the kernel as root. The directory of that cluster lets nobody else in.
fn lend(folder: &Path, command: &mut Command) {
    use std::os::unix::process::CommandExt;
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return;
    }
    let owner = std::fs::metadata(PostgresCluster::shared().socket_directory()).unwrap();
    let (uid, gid) = (owner.uid(), owner.gid());
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    for path in files.chain([folder.to_owned()]) {
        chown(path, Some(uid), Some(gid)).unwrap();
    }
    command.uid(uid).gid(gid);
}

/// The process that a tracer has started.
fn traced(tracer: u32) -> u32 {
    let path = format!("/proc/{tracer}/task/{tracer}/children");
    let children = std::fs::read_to_string(path).unwrap();
    children.split_whitespace().next().unwrap().parse().unwrap()
}

fn signal_to(pid: u32, signal: &str) {
    let mut kill = Command::new("kill");
    kill.args([format!("-{signal}"), pid.to_string()]);
    assert!(run(&mut kill).status.success());
}

fn calls(trace: &str) -> Vec<Call> {
    let lines = trace.lines().filter_map(|line| {
        let line = line.split_once(' ')?.1.trim_start();
        let name = line.split_once('(')?.0;
        let is_name = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_name.then(|| Call {
            name: name.to_owned(),
            line: line.to_owned(),
        })
    });
    let calls: Vec<_> = lines.collect();
    let names: BTreeSet<_> = calls.iter().map(|call| call.name.as_str()).collect();
    assert!(names.contains("execve") && names.len() > 40, "{names:?}");
    calls
}

fn keeps_to(calls: &[Call], unit: &str) {
    let beyond = violations(calls, unit);
    assert!(beyond.is_empty(), "{beyond:#?}");
}

/// The calls that the unit's settings would not let through.
fn violations(calls: &[Call], unit: &str) -> Vec<String> {
    let allowed = allowed_calls(unit);
    let families: HashSet<_> = values(unit, "RestrictAddressFamilies")
        .into_iter()
        .flat_map(|value| value.split(' '))
        .collect();
    let refused = |call: &&Call| {
        let line = call.line.as_str();
        let first = line.split(['(', ',', ')']).nth(1).unwrap_or_default();
        !allowed.contains(&call.name)
            // RestrictAddressFamilies=
            || call.name == "socket" && !families.contains(first)
            // MemoryDenyWriteExecute=
            || call.name == "mmap" && line.contains("PROT_WRITE|PROT_EXEC")
            || call.name == "mprotect" && line.contains("PROT_EXEC")
            // RestrictNamespaces=, RestrictRealtime=, LockPersonality=
            || call.name.starts_with("clone") && line.contains("CLONE_NEW")
            || call.name == "sched_setscheduler"
            || call.name == "personality"
            // ProtectSystem=, ProcSubset=
            || call.name.starts_with("open") && !may_be_opened(line)
            // RestrictSUIDSGID=
            || call.name.contains("chmod") && (line.contains("S_ISUID") || line.contains("S_ISGID"))
    };
    let found = calls.iter().filter(refused);
    let lines: BTreeSet<_> = found.map(|call| call.line.clone()).collect();
    lines.into_iter().collect()
}

/// Files are written where the service has its own, and of /proc only processes are seen.
fn may_be_opened(line: &str) -> bool {
    let Some(path) = line.split('"').nth(1) else {
        return true;
    };
    let writes = ["O_WRONLY", "O_RDWR", "O_CREAT"];
    if writes.iter().any(|flag| line.contains(flag)) {
        return Path::new(path).starts_with(std::env::temp_dir()) || path == "/dev/null";
    }
    match path.strip_prefix("/proc/") {
        // Where they are hidden, /etc/hostname says the same as the first, and malloc does without the second.
        Some("sys/kernel/hostname" | "sys/vm/overcommit_memory") | None => true,
        Some(rest) => rest.starts_with(|it: char| it.is_ascii_digit()) || rest.starts_with("self/"),
    }
}

/// What the filters leave, as systemd reads them: the first says what there is, the others take away.
fn allowed_calls(unit: &str) -> HashSet<String> {
    let mut allowed: HashSet<String> = expanded("@default");
    for filter in values(unit, "SystemCallFilter") {
        let names = filter.trim_start_matches('~').split(' ');
        let calls: HashSet<String> = names.flat_map(expanded).collect();
        if filter.starts_with('~') {
            allowed.retain(|call| !calls.contains(call));
        } else {
            allowed.extend(calls);
        }
    }
    allowed
}

/// The calls of a set, and of those in it.
fn expanded(name: &str) -> HashSet<String> {
    let mut found = HashSet::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        if !name.starts_with('@') {
            found.insert(name);
            continue;
        }
        let output = run(systemd_analyze().args(["syscall-filter", &name]));
        assert!(output.status.success(), "{name}: {}", said(&output));
        let text = said(&output);
        let members = text.lines().skip(1).map(str::trim);
        open.extend(
            members
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
                .map(str::to_owned),
        );
    }
    found
}
