//! The command line and the configuration, as people meet them.

use std::fmt::Write;

use crate::harness::{output, program};

/// Every way to be wrong, with what is said and what it ends with.
#[test]
fn what_is_wrong_says_what_to_write_instead() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("wrong.toml");
    let mut told = String::new();
    for (arguments, text) in [
        (&["--check-config"][..], ""),
        (&["--check-config"], "[sweeper]\nlease_every = \"5s\""),
        (&["--check-config"], "[sweeper]\nleases_every = \"often\""),
        (&["--check-config"], "[sweeper]\nleases_page = 0"),
        (&["--check-config"], "[http]\nlisten = \"everywhere\""),
        (
            &["--check-config"],
            "[database]\nurl = \"mysql://app:hunter2@db/app\"",
        ),
        (&["--check-config"], "[database]\nurl = \"sqlite:jobs.db\""),
        (&["--once"], "[database]\nurl = \"sqlite:/nowhere/jobs.db\""),
        (&["--once", "--check-config"], ""),
        (&["--onse"], ""),
    ] {
        std::fs::write(&file, text).unwrap();
        let mut command = program();
        command.args(arguments).arg("--config").arg(&file);
        let (code, said, wrong) = output(&mut command);
        let shown = file.display().to_string();
        let words = arguments.join(" ");
        let answer = format!("{said}{wrong}").replace(&shown, "wrong.toml");
        writeln!(
            told,
            "--- {words}: {text:?}\n{}\n=> {code}\n",
            answer.trim_end()
        )
        .unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn help_has_examples_and_exit_codes() {
    let (code, said, _) = output(program().arg("--help").env("COLUMNS", "100"));
    assert_eq!(code, 0);
    insta::assert_snapshot!(said);
    let (code, said, _) = output(program().arg("--version"));
    assert_eq!(
        (code, said),
        (
            0,
            format!("leasehold-sweeper {}\n", env!("CARGO_PKG_VERSION"))
        )
    );
}

#[test]
fn the_configuration_is_shown_without_secrets() {
    let mut command = program();
    command
        .arg("--print-config")
        .env("LEASEHOLD_DATABASE_URL", "postgres://ops:hunter2@db/app")
        .env("LEASEHOLD_SWEEPER_AUDIT_EVERY", "off");
    let (code, said, _) = output(&mut command);
    assert_eq!(code, 0);
    assert!(!said.contains("hunter2"), "{said}");
    assert!(said.contains("url = \"postgres://ops@db/app\""), "{said}");
    assert!(said.contains("audit_every = \"off\""), "{said}");
    assert!(
        said.contains("level = \"info,sqlx=error\""),
        "a daemon tells more: {said}"
    );
}
