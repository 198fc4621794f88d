//! The table of metrics is the page, and has whatever the code counts.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sweeper::{METRICS, metrics_page};

#[test]
fn the_page_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/metrics.md");
    let page = metrics_page();
    if std::env::var_os("LEASEHOLD_UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "metrics.md is not the table; with LEASEHOLD_UPDATE=1 this test writes it"
    );
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// Also what no test provokes; and the page promises nothing that nobody counts.
#[test]
fn the_table_has_what_the_code_counts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["queue-core/src", "queue-ops/src", "sweeper/src"] {
        sources(&root.join(folder), &mut files);
    }
    let mut counted = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for call in ["counter!(", "gauge!(", "histogram!(", "head(text,"] {
            for rest in text.split(call).skip(1) {
                let name = rest
                    .trim_start()
                    .strip_prefix('"')
                    .and_then(|rest| rest.split('"').next());
                counted.extend(
                    name.filter(|name| name.starts_with("leasehold_"))
                        .map(str::to_owned),
                );
            }
        }
    }
    assert!(counted.len() > 15, "{counted:?}");
    let unknown: Vec<_> = counted
        .iter()
        .filter(|name| !METRICS.iter().any(|metric| metric.name == **name))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let silent: Vec<_> = METRICS
        .iter()
        .filter(|metric| !counted.contains(metric.name))
        .map(|metric| metric.name)
        .collect();
    assert!(silent.is_empty(), "nothing counts {silent:?}");
}
