//! Leasehold takes part in the comparison by the protocol that the others speak.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test reports"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use peer_protocol::Answer;

struct Conversation {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Conversation {
    fn begin(file: &Path, errand: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_benches"))
            .args(["peer", errand, "--database"])
            .arg(file)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn hear(&mut self) -> String {
        self.lines.next().expect("a line").unwrap()
    }

    fn say(&mut self, word: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{word}").unwrap();
    }

    /// The last line, which must be the answer.
    fn answer(mut self) -> Answer {
        let last = self.lines.map(Result::unwrap).last().expect("an answer");
        assert!(self.child.wait().unwrap().success());
        serde_json::from_str(&last).unwrap()
    }
}

fn errand(file: &Path, errand: &str, arguments: &[&str]) -> Answer {
    Conversation::begin(file, errand, arguments).answer()
}

#[test]
fn a_queue_is_filled_and_worked_off_on_command() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jobs.db");
    errand(&file, "set-up", &[]);
    assert_eq!(errand(&file, "fill", &["--jobs", "50"]).ids, Some(50));

    let mut drain = Conversation::begin(&file, "drain", &["--warm", "50", "--setting", "best"]);
    assert_eq!(drain.hear(), "ready");
    assert_eq!(errand(&file, "fill", &["--jobs", "700"]).jobs, 700);
    drain.say("go");
    while drain.hear() != "runs 700" {}
    drain.say("stop");
    assert_eq!(drain.answer().jobs, 700);
}

#[test]
fn jobs_are_enqueued_and_picked_up_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jobs.db");
    errand(&file, "set-up", &["--synchronous", "normal"]);

    let arguments = ["--producers", "4", "--jobs", "40"];
    let mut enqueue = Conversation::begin(&file, "enqueue", &arguments);
    assert_eq!(enqueue.hear(), "ready");
    enqueue.say("go");
    let answer = enqueue.answer();
    assert_eq!(answer.jobs, 40);
    assert!(answer.p99_ms >= answer.p50_ms && answer.p50_ms > Some(0.0));

    let mut bulk = Conversation::begin(&file, "bulk", &["--jobs", "30"]);
    assert_eq!(bulk.hear(), "ready");
    bulk.say("go");
    assert_eq!(bulk.answer().ids, Some(30));

    let other = folder.path().join("other.db");
    let mut pickup = Conversation::begin(&other, "pickup", &["--jobs", "5"]);
    assert_eq!(pickup.hear(), "ready");
    pickup.say("go");
    assert_eq!(pickup.answer().jobs, 5);
}

#[test]
fn what_is_not_the_word_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jobs.db");
    let mut bulk = Conversation::begin(&file, "bulk", &["--jobs", "1"]);
    assert_eq!(bulk.hear(), "ready");
    bulk.say("stop");
    assert!(bulk.lines.next().is_none());
    assert!(!bulk.child.wait().unwrap().success());
}
