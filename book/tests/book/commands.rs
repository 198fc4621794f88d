//! The commands of all pages, run as they are written, each page in a folder and on a database of its own.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use book::repository;

use crate::known::is_drilled;
use crate::script::{self, Place, is_run};
use crate::{page, pages, programs, seed};

/// Followed by a test of its own.
const START: &str = "docs/start.md";

/// `cargo run` of our programs is those that are built already, and what changes nothing is run where the repository
/// is; nothing else of cargo is run on pages that come here.
const CARGO: &str = r#"#!/bin/sh
case "$*" in
"xtask env" | "fmt --all --check") cd "$REPOSITORY" && HOME="$HOME_ITSELF" exec "$CARGO_ITSELF" "$@" ;;
"run -p replay-cli -- "* | "run --package replay-cli -- "*) while [ "$1" != -- ]; do shift; done; shift; exec leasehold "$@" ;;
*) echo "a page runs cargo $*: say why not, or let this test know how" >&2; exit 90 ;;
esac
"#;

fn in_a_folder(page: &book::page::Page) {
    // On the disk of the build: in memory the doctor would find that nothing survives.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let root = repository::root();
    // What commands in a checkout read.
    for name in ["fixtures", "packaging", "docs"] {
        symlink(root.join(name), dir.path().join(name)).unwrap();
    }
    files(dir.path());
    let bin = dir.path().join(".bin");
    fs::create_dir(&bin).unwrap();
    write_program(&bin.join("cargo"), CARGO);
    let database = dir.path().join("app.db");
    seed::bad_day(&format!("sqlite:{}", database.display()));
    let place = Place {
        folder: dir.path(),
        path: vec![
            bin.display().to_string(),
            programs::FOLDER.display().to_string(),
        ],
        variables: vec![
            ("LEASEHOLD_DATABASE_URL", "sqlite:app.db".to_owned()),
            ("HOME", dir.path().display().to_string()),
            ("HOME_ITSELF", std::env::var("HOME").unwrap_or_default()),
            ("REPOSITORY", root.display().to_string()),
            ("CARGO_ITSELF", env!("CARGO").to_owned()),
        ],
        instead: Vec::new(),
    };
    script::run(page, &place);
}

/// What pages speak of as the reader's own: the contract of one page, a document, the sample of a configuration.
fn files(folder: &Path) {
    let examples = page("docs/reference/contract-files.md").blocks().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write("order.json", &examples[0].text);
    write("context.json", &examples[1].text);
    let line = r#"{"sku": "A-1", "count": 1}"#;
    write(
        "document.json",
        &format!(r#"{{"version": "1.2", "email": "ada@example.org", "lines": [{line}]}}"#),
    );
    let sample = repository::root().join("docs/reference/leasehold.toml");
    fs::copy(sample, folder.join("leasehold.toml")).unwrap();
}

fn write_program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_commands_of_the_pages_run() {
    let mut ran = 0;
    for page in pages() {
        let path = page.path.to_str().unwrap();
        if is_drilled(path) || path == START {
            continue;
        }
        if page.blocks().unwrap().iter().any(is_run) {
            println!("{path}");
            in_a_folder(&page);
            ran += 1;
        }
    }
    assert!(ran >= 5, "only {ran} pages have commands");
}
