//! `cargo xtask test`: the whole suite, step by step.

use std::io;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::arguments::TestOptions;
use crate::machine::Machine;
use crate::report::Report;
use crate::{bench, book, provision, step, workspace};

/// Full sizes for the slow suites, which read this variable.
const SLOW: &str = "LEASEHOLD_SLOW";
/// Well above what the tests take, on a machine that is busy with other things, too; see `step::count`.
const TESTS_END_WITHIN: Duration = Duration::from_secs(70 * 60);

/// A service that embeds us beside a fully featured sqlx must still resolve and build.
const CONSUMER: &str = "fixtures/consumers/beside-sqlx/Cargo.toml";

/// Runs the suite up to the first failure. The summary is the last line in either case.
pub(crate) fn run(options: TestOptions) -> ExitCode {
    let mut report = Report::start();
    let outcome = steps(options, &mut report);
    if let Err(error) = &outcome {
        eprintln!("error: {error:#}");
    }
    println!("{report}");
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => step::exit_code(&error),
    }
}

fn steps(options: TestOptions, report: &mut Report) -> Result<()> {
    let mut found = None;
    report.step("needs", "what the tests run on", |_| {
        found = Some(needs(options)?);
        Ok(())
    })?;
    let machine = found.context("the machine was not looked at")?;

    cargo(report, "format", &["fmt", "--all", "--check"], |_| {})?;

    let lint = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "-D",
        "warnings",
    ];
    cargo(report, "lint", &lint, |_| {})?;

    // Every binary runs even after one failed, so that one run shows all there is to mend.
    let test = ["test", "--workspace", "--all-features", "--no-fail-fast"];
    report.step("tests", &title(&test), |tally| {
        let mut tests = workspace::cargo();
        tests.args(test);
        machine.name_programs(&mut tests);
        if options.fast {
            tests.env_remove(SLOW);
        } else {
            tests.env(SLOW, "1");
        }
        step::count("tests", &mut tests, io::stdout(), tally, TESTS_END_WITHIN)
    })?;

    // Not in release mode, as a user runs it: that would build everything once more.
    for example in ["quickstart", "stages", "schedules", "notifications"] {
        let run = ["run", "--package", "queue-sqlite", "--example", example];
        cargo(report, example, &run, |_| {})?;
    }

    if options.fast {
        report.skip("guard", "--fast leaves it out: it builds for release");
    } else {
        report.step("guard", "cargo xtask bench guard", |_| {
            let mut guard = bench::command(&[bench::GUARD.into()]);
            machine.name_programs(&mut guard);
            step::finish("guard", &mut guard)
        })?;
    }

    let doc = ["doc", "--workspace", "--all-features", "--no-deps"];
    cargo(report, "docs", &doc, |cargo| {
        cargo.env("RUSTDOCFLAGS", "-D warnings");
    })?;

    if options.fast && !book::is_installed() {
        report.skip(
            "book",
            "mdBook is not installed, and --fast installs nothing; `cargo xtask book` does",
        );
    } else {
        report.step("book", "cargo xtask book", |_| book::run())?;
    }

    if options.fast {
        report.skip(
            "consumer",
            "--fast leaves it out: it builds sqlx and SQLite once more",
        );
    } else {
        let consumer = ["check", "--locked", "--manifest-path", CONSUMER];
        cargo(report, "consumer", &consumer, |cargo| {
            // Its own folder: its dependencies resolve to other versions than the workspace's.
            cargo.env("CARGO_TARGET_DIR", "target/consumer");
        })?;
    }

    if machine.deny {
        // Not the advisories: a new one would turn an unchanged commit red.
        let deny = [
            "deny",
            "--all-features",
            "check",
            "bans",
            "licenses",
            "sources",
        ];
        cargo(report, "deny", &deny, |_| {})
    } else {
        let why = "cargo-deny is not installed; `cargo xtask test --deny` installs it";
        report.skip("deny", why);
        Ok(())
    }
}

fn needs(options: TestOptions) -> Result<Machine> {
    let mut machine = Machine::survey()?;
    if options.fast {
        provision::demand(&machine)?;
    } else {
        machine = provision::provide(machine)?;
        if options.deny && !machine.deny {
            provision::install_deny()?;
            machine.deny = true;
        }
    }
    println!("{machine}");
    Ok(machine)
}

fn cargo(
    report: &mut Report,
    name: &'static str,
    arguments: &[&str],
    prepare: impl FnOnce(&mut Command),
) -> Result<()> {
    report.step(name, &title(arguments), |_| {
        let mut cargo = workspace::cargo();
        prepare(cargo.args(arguments));
        step::finish(name, &mut cargo)
    })
}

fn title(arguments: &[&str]) -> String {
    format!("cargo {}", arguments.join(" "))
}
