//! The depot's client as a subprocess: what reaches it, what comes of its answers, and what is left of it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test reports"
)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use queue_ops::Span;
use review_service::depot::{Change, Changelist, DepotError, P4, P4Config};
use review_service::stand_in::changes::{DENIED, DepotBehaviour, Recorded};
use review_service::stand_in::p4::{Depot, HANGING, TOO_MUCH};
use tempfile::TempDir;

const SEED: u64 = 7;

/// A depot of recorded changes, and its client.
struct Bed {
    home: TempDir,
    depot: Depot,
}

impl Bed {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        symlink(env!("CARGO_BIN_EXE_demo"), home.path().join("p4")).unwrap();
        let folder = home.path().join("a folder of the depot");
        fs::create_dir(&folder).unwrap();
        Self {
            home,
            depot: Depot { folder, seed: SEED },
        }
    }

    fn config(&self) -> P4Config {
        let mut config = P4Config::new(self.home.path().join("p4"));
        config.port = Some(self.depot.port());
        config
    }

    fn p4(&self) -> P4 {
        P4::new(self.config()).unwrap()
    }

    async fn describe(&self, change: &Recorded) -> Result<Change, DepotError> {
        self.p4().describe(number(change)).await
    }
}

fn number(change: &Recorded) -> Changelist {
    Changelist::new(change.changelist).unwrap()
}

fn recorded(behaviour: DepotBehaviour) -> Recorded {
    let mut changes = Recorded::first(SEED, 100);
    changes.find(|change| change.depot == behaviour).unwrap()
}

#[tokio::test]
async fn a_change_comes_with_its_files_and_differences() {
    let bed = Bed::new();
    for change in Recorded::first(SEED, 5).filter(|change| change.depot == DepotBehaviour::Answers)
    {
        let described = bed.describe(&change).await.unwrap();
        assert_eq!(described.changelist.get(), change.changelist);
        assert_eq!(described.author, change.author);
        assert_eq!(described.description, change.description);
        let paths: Vec<_> = described
            .files
            .iter()
            .map(|file| file.path.clone())
            .collect();
        assert_eq!(paths, change.paths());
        assert_eq!(described.diff, change.diff);
        assert!(!described.cut);
        let stored = serde_json::to_string(&described).unwrap();
        assert_eq!(serde_json::from_str::<Change>(&stored).unwrap(), described);
    }
}

#[tokio::test]
async fn failures_are_told_apart() {
    let bed = Bed::new();
    let refused = recorded(DepotBehaviour::Refuses(2));
    for _ in 0..2 {
        let error = bed.describe(&refused).await.unwrap_err();
        assert_eq!(error, DepotError::Unreachable);
        assert!(error.failure().is_retryable());
    }
    assert!(bed.describe(&refused).await.is_ok());
    assert_eq!(bed.depot.tally().asked(refused.changelist).unwrap(), 3);

    let missing = recorded(DepotBehaviour::NoSuchChange);
    let error = bed.describe(&missing).await.unwrap_err();
    assert_eq!(error, DepotError::NoSuchChange(number(&missing)));
    assert_eq!(error.failure().class.as_str(), "CHANGE_NOT_FOUND");
    assert!(!error.failure().is_retryable());

    let denied = bed
        .describe(&recorded(DepotBehaviour::DeniedFile))
        .await
        .unwrap();
    assert!(denied.files.iter().any(|file| file.path == DENIED));
}

#[tokio::test]
async fn a_client_that_is_none_is_for_an_operator() {
    let bed = Bed::new();
    let mut config = bed.config();
    config.executable = bed.home.path().join("q4");
    let error = P4::new(config)
        .unwrap()
        .describe(Changelist::new(1).unwrap())
        .await
        .unwrap_err();
    assert_eq!(error, DepotError::NoClient(std::io::ErrorKind::NotFound));
    assert!(!error.is_retryable());
    let relative = P4::new(P4Config::new("bin/p4")).unwrap_err();
    assert_eq!(
        relative.to_string(),
        "depot.executable: is no whole path; write it like /usr/bin/p4"
    );
}

#[tokio::test]
async fn a_client_that_hangs_is_ended_with_its_children() {
    let bed = Bed::new();
    let mut config = bed.config();
    config.timeout = "2s".parse::<Span>().unwrap();
    let change = recorded(DepotBehaviour::Hangs(1));
    let p4 = P4::new(config).unwrap();
    let error = p4.describe(number(&change)).await.unwrap_err();
    assert_eq!(
        error,
        DepotError::TimedOut {
            after: Duration::from_secs(2)
        }
    );
    assert_eq!(error.failure().class.as_str(), "NETWORK_TIMEOUT");
    let hanging = hanging(&bed.depot.folder);
    assert_eq!(hanging.len(), 2, "the client and its child: {hanging:?}");
    until(|| !hanging.iter().any(|id| is_alive(*id))).await;
    assert!(p4.describe(number(&change)).await.is_ok());
}

#[tokio::test]
async fn nothing_is_left_of_a_client_that_nobody_waits_for_any_more() {
    let bed = Bed::new();
    let change = recorded(DepotBehaviour::Hangs(1));
    let p4 = bed.p4();
    let asking = tokio::spawn(async move { p4.describe(number(&change)).await });
    until(|| hanging(&bed.depot.folder).len() == 2).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    let hanging = hanging(&bed.depot.folder);
    until(|| !hanging.iter().any(|id| is_alive(*id))).await;
}

#[tokio::test]
async fn of_a_hundred_mebibytes_only_the_beginning_is_read() {
    let bed = Bed::new();
    let change = recorded(DepotBehaviour::TooMuch);
    let described = bed.describe(&change).await.unwrap();
    assert!(described.cut);
    let read = bed.config().max_output;
    assert!(described.diff.len() <= read && described.diff.len() > read / 2);
    assert!(read < TOO_MUCH / 10);
    assert!(described.diff.starts_with(&change.diff));
    assert!(described.diff.ends_with('\n'), "the last line is whole");
    assert_eq!(described.files.len(), change.files.len());
}

#[tokio::test]
async fn the_client_gets_its_own_environment_and_no_other() {
    let home = tempfile::tempdir().unwrap();
    let program = home.path().join("p4");
    // By `sh`, which is there to write down what it was called with.
    let script = format!(
        "#!/bin/sh\n(/usr/bin/env; for word; do echo \"word=$word\"; done; pwd) > {0}/seen.new\nmv {0}/seen.new {0}/seen\n\
         echo 'P4PASSWD=hunter2 is wrong' >&2\nexit 3\n",
        home.path().display()
    );
    write_program(&program, &script);
    let mut config = P4Config::new(&program);
    config.port = Some("depot:1666".to_owned());
    config.user = Some("$(reboot); `reboot`".to_owned());
    config.tickets = Some("/run/p4 tickets".into());
    let error = P4::new(config)
        .unwrap()
        .describe(Changelist::new(4711).unwrap())
        .await
        .unwrap_err();
    assert_eq!(error, DepotError::Failed { code: Some(3) });
    assert!(!error.to_string().contains("hunter2"), "{error}");

    let seen = fs::read_to_string(home.path().join("seen")).unwrap();
    // What a shell makes for itself.
    let own = |line: &&str| {
        !["PWD=", "SHLVL=", "_=", "OLDPWD="]
            .iter()
            .any(|name| line.starts_with(name))
    };
    let mut lines: Vec<&str> = seen.lines().filter(own).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "/",
            "LC_ALL=C.UTF-8",
            "P4PORT=depot:1666",
            "P4TICKETS=/run/p4 tickets",
            "P4USER=$(reboot); `reboot`",
            "word=-du",
            "word=4711",
            "word=describe",
        ]
    );
}

#[test]
fn what_would_mean_something_to_a_shell_is_no_changelist() {
    for text in [
        "",
        "0",
        "-1",
        "+1",
        "007",
        " 1",
        "1 ",
        "1\n",
        "1;reboot",
        "1 && reboot",
        "$(reboot)",
        "`reboot`",
        "1|cat",
        "1>x",
        "-d",
        "--help",
        "@now",
        "1,@2",
        "#head",
        "//depot/...",
        "1\0",
        "0x10",
        "1e3",
        "1.0",
        "١",
        "１",
        "2147483648",
        "99999999999999999999999999",
    ] {
        let refused = text.parse::<Changelist>().unwrap_err().to_string();
        assert!(refused.contains("write its number"), "{refused}");
        assert!(!refused.chars().any(char::is_control));
        let number: Result<Changelist, _> = serde_json::from_value(text.into());
        assert!(number.is_err(), "{text:?}");
    }
    assert!(Changelist::new(0).is_err());
    assert!(Changelist::new(u64::MAX).is_err());
    assert_eq!(
        "2147483647".parse::<Changelist>().unwrap().to_string(),
        "2147483647"
    );
}

#[test]
fn a_configuration_that_cannot_be_is_refused() {
    let wrong = |text: &str| {
        let config: P4Config =
            toml::from_str(&format!("executable = '/usr/bin/p4'\n{text}")).unwrap();
        P4::new(config).unwrap_err().to_string()
    };
    assert!(wrong("port = ''").starts_with("depot.port: is empty"));
    assert!(
        wrong("user = \"a\\nb\"").starts_with("depot.user: is empty or has a control character")
    );
    assert!(wrong("tickets = 'tickets'").starts_with("depot.tickets: is no whole path"));
    assert!(wrong("max_output = 17").starts_with("depot.max_output: write 4096"));
    assert!(toml::from_str::<P4Config>("executable = '/p4'\npassword = 'x'").is_err());
}

/// Those that said that they hang.
fn hanging(folder: &Path) -> Vec<u32> {
    let Ok(entries) = fs::read_dir(folder.join(HANGING)) else {
        return Vec::new();
    };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.map(|name| name.parse().unwrap()).collect()
}

/// One that is dead and not waited for by whoever adopted it counts as gone.
fn is_alive(id: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let state = status
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    state.is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

async fn until(come: impl Fn() -> bool) {
    let waiting = async {
        while !come() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(Duration::from_secs(60), waiting)
        .await
        .is_err()
    {
        panic!("it did not come to that");
    }
}

/// An executable that no other thread has open while it is run, since the system refuses that: by a process of its
/// own.
fn write_program(path: &Path, script: &str) {
    let text = path.with_extension("sh");
    fs::write(&text, script).unwrap();
    let copied = std::process::Command::new("/bin/sh")
        .args(["-c", "cat \"$1\" > \"$2\" && chmod 755 \"$2\"", "sh"])
        .args([&text, path])
        .status()
        .unwrap();
    assert!(copied.success());
}
