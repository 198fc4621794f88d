//! Help, and command lines that are none.

use super::Desk;

#[test]
fn help_tells_of_examples_and_exit_codes() {
    let desk = Desk::new();
    for line in ["--help", "help", "contract check --help"] {
        let help = desk.run(line).data();
        for wanted in [
            "Examples:\n  leasehold ",
            "\n    2  the document was rejected\n",
        ] {
            assert!(help.contains(wanted), "{line}: {help}");
        }
    }
    assert_eq!(
        desk.run("--version").data(),
        format!("leasehold {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_wrong_command_line_is_not_a_rejected_document() {
    let desk = Desk::new();
    for line in [
        "contract chekc",
        "contract check",
        "contract check --contract review.json --pretty --compact",
        "contract check --contract review.json a.json b.json",
        "explain",
        "explain --all busy",
        "--no-such-option",
    ] {
        desk.run(line).error(64);
    }
    let ran = desk.run("");
    assert_eq!((ran.code, ran.stdout.as_str()), (64, ""));
    assert!(ran.stderr.contains("Usage: leasehold"), "{ran:?}");
}

#[test]
fn shells_get_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Desk::new().run(&format!("completions {shell}")).data();
        assert!(script.contains("leasehold"), "{shell}");
    }
}
