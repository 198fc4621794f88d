//! What to try next: commands that work as they stand, pasted into a shell.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::configuration::LIBRARY;
use crate::folder::Folder;
use crate::place::Place;
use crate::ports::Ports;
use crate::voice::say;

/// What a model that is well again makes good, and what somebody would say of it.
const CURABLE: [(&str, &str, &str); 3] = [
    (
        "MODEL_UNAVAILABLE",
        "the model was out of service",
        "the model is back",
    ),
    (
        "SCHEMA_INVALID",
        "the model wrote no review",
        "the model writes reviews again",
    ),
    (
        "MODEL_REFUSED",
        "the model took less than it does now",
        "the model takes more now",
    ),
];

/// The commands, for a demonstration in that folder with these dead letters.
pub(crate) fn print(
    folder: &Folder,
    place: &Place,
    ports: &Ports,
    dead_letters: &BTreeMap<String, usize>,
) {
    let toolbox = Toolbox::here();
    say(format_args!(
        "\nWhat to try next:\n\n  {}\n  export LEASEHOLD_CONFIG={}",
        toolbox.leasehold(),
        quoted(&folder.file(LIBRARY)),
    ));
    if dead_letters.is_empty() {
        say("  leasehold stats");
    } else {
        say("  leasehold dead list");
    }
    let plan = folder.file("plan.json");
    let plan = quoted(&plan);
    let curable = CURABLE
        .iter()
        .find(|(class, ..)| dead_letters.keys().any(|cause| is_of(cause, class)));
    if let Some((class, before, _)) = curable {
        say(format_args!(
            "  leasehold replay plan --error-class {class} --attach-evidence OPS-17 --reason '{before}' --out {plan}"
        ));
    }
    say(format_args!(
        "\nAnd with everything running again, with a model that is well, until Ctrl-C, by this in another terminal:\n\n  \
         {}\n\nhere:\n\n  curl http://{}/healthz",
        toolbox.reopen(folder.path()),
        ports.health,
    ));
    if let Some((_, _, after)) = curable {
        say(format_args!(
            "  leasehold replay apply {plan} --reason '{after}, OPS-17'\n  leasehold replay status {plan}"
        ));
    }
    if let Some(schema) = &place.schema {
        say(format_args!(
            "\nThe next demonstration in this folder drops the schema that this one made; so does\n\n  \
             DROP SCHEMA {schema} CASCADE;"
        ));
    }
    say("");
}

/// A cause is a class, and what a contract said.
fn is_of(cause: &str, class: &str) -> bool {
    cause.split(',').next() == Some(class)
}

/// How the programs are called from where somebody is.
struct Toolbox {
    workspace: PathBuf,
    is_here: bool,
    by_cargo: bool,
}

impl Toolbox {
    fn here() -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = package.ancestors().nth(2).unwrap_or(package);
        let here = std::env::current_dir().unwrap_or_default();
        Self {
            workspace: workspace.to_owned(),
            is_here: here.starts_with(workspace),
            by_cargo: std::env::var_os("CARGO").is_some(),
        }
    }

    /// `leasehold` as a function of the shell.
    fn leasehold(&self) -> String {
        let manifest = if self.is_here {
            String::new()
        } else {
            format!(
                " --manifest-path {}",
                quoted(&self.workspace.join("Cargo.toml"))
            )
        };
        format!(
            "leasehold() {{ cargo run --quiet --release{manifest} --package replay-cli -- \"$@\"; }}"
        )
    }

    /// This program, on the same folder.
    fn reopen(&self, folder: &Path) -> String {
        let folder = quoted(folder);
        let by_itself = std::env::current_exe().unwrap_or_default();
        if self.is_here && self.by_cargo {
            format!("cargo demo -- --reopen --folder {folder}")
        } else {
            format!("{} --reopen --folder {folder}", quoted(&by_itself))
        }
    }
}

/// As a shell takes it for one word.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    // No path of a file system has a NUL, which is all that cannot be quoted.
    shlex::try_quote(&text).map_or_else(|_| text.to_string(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_they_must_be() {
        assert_eq!(
            quoted(Path::new("/tmp/demo/plan.json")),
            "/tmp/demo/plan.json"
        );
        assert_eq!(quoted(Path::new("/tmp/a demo")), "'/tmp/a demo'");
        for text in ["/tmp/it's $HOME; `x`", "/tmp/two\nlines"] {
            let words = shlex::split(&quoted(Path::new(text))).unwrap();
            assert_eq!(words, [text]);
        }
    }

    #[test]
    fn a_class_is_known_by_its_whole_name() {
        assert!(is_of("SCHEMA_INVALID, invalid_json", "SCHEMA_INVALID"));
        assert!(!is_of("MODEL_REFUSED_TWICE", "MODEL_REFUSED"));
    }
}
