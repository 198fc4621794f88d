//! Programs that judge what is packaged. A test that lacks one fails; it is never skipped.

use std::path::PathBuf;
use std::process::{Command, Output};

/// A program by its variable, as `cargo xtask test` hands it over, or by its name.
pub(crate) fn tool(variable: &str, name: &str) -> PathBuf {
    let chosen = std::env::var_os(variable).filter(|value| !value.is_empty());
    chosen.map_or_else(|| name.into(), PathBuf::from)
}

/// Runs it to its end, whatever that is.
pub(crate) fn run(command: &mut Command) -> Output {
    let program = command.get_program().display().to_string();
    match command.output() {
        Ok(output) => output,
        Err(error) => panic!("{program} does not run: {error}; `cargo xtask test` installs it"),
    }
}

/// Everything that it said.
pub(crate) fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(text).unwrap()
}

/// systemd-analyze, which needs no systemd that runs.
pub(crate) fn systemd_analyze() -> Command {
    let mut command = Command::new(tool("SYSTEMD_ANALYZE", "systemd-analyze"));
    command.env("SYSTEMD_PAGER", "").env("LC_ALL", "C.UTF-8");
    command
}
