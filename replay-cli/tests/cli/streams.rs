//! Inputs without end, and outputs that nobody reads.

use std::io::Write;
use std::process::Stdio;

use super::{Desk, Ran};

const CHECK: &str = "contract check --contract review.json --context change.json";

#[test]
fn no_more_is_read_than_the_limit_asks_for() {
    const MIB: usize = 1024 * 1024;
    let desk = Desk::new();
    let mut child = desk.command(CHECK).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let part = vec![b' '; 64 * 1024];
    let mut taken = 0;
    while taken < 100 * MIB && input.write_all(&part).is_ok() {
        taken += part.len();
    }
    // The limit, and what fits into a pipe. So it cannot have held more in memory either.
    assert!(taken <= 3 * MIB, "{taken}");
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (2, ""));
    let verdict = ran.verdict();
    assert_eq!(verdict["bytes"], MIB + 1);
    assert_eq!(verdict["diagnostics"][0]["reason"], "too_many_bytes");
}

#[test]
fn a_closed_pipe_ends_quietly_with_the_code_of_the_verdict() {
    let desk = Desk::new();
    for (line, input, code) in [
        ("explain --all", "", 0),
        (CHECK, "no JSON", 2),
        ("--help", "", 0),
    ] {
        let mut child = desk.command(line).spawn().unwrap();
        drop(child.stdout.take());
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let ran = Ran::of(&child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.stderr.as_str()), (code, ""), "{line}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    let desk = Desk::new();
    for line in ["explain --all", CHECK, "--help", "completions bash"] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let mut command = desk.command(line);
        let output = command.stdin(Stdio::null()).stdout(full).output().unwrap();
        let ran = Ran::of(&output);
        assert!(
            ran.error(74)
                .starts_with("error: the output cannot be written: "),
            "{ran:?}"
        );
    }
}
