//! Which program measures what.

use std::ffi::OsString;
use std::process::Command;

use crate::workspace;

/// The word for counting instructions, which a small program of its own does: CI builds it for release.
pub(crate) const GUARD: &str = "guard";

/// What `cargo xtask bench` runs for these arguments.
pub(crate) fn command(arguments: &[OsString]) -> Command {
    let (package, arguments) = match arguments.split_first() {
        Some((first, rest)) if first == GUARD => (GUARD, rest),
        _ => ("benches", arguments),
    };
    let mut bench = workspace::cargo();
    bench
        .args(["run", "--release", "--package", package, "--"])
        .args(arguments);
    bench
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_is_another_program() {
        let words = |command: &Command| -> Vec<_> {
            let words = command
                .get_args()
                .map(|word| word.to_string_lossy().into_owned());
            words.skip(2).collect()
        };
        let given = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        let guard = command(&given("guard --update"));
        assert_eq!(words(&guard), ["--package", "guard", "--", "--update"]);
        let store = command(&given("store --quick"));
        assert_eq!(
            words(&store),
            ["--package", "benches", "--", "store", "--quick"]
        );
    }
}
