//! Configurations are read by what reads them, JSON is JSON, fragments stand where they say.

use std::fs;
use std::process::Command;

use book::block::{Block, Note};
use book::repository;

use crate::known::{GENERATED, is_drilled};
use crate::{pages, programs};

fn each(language: &str, mut look: impl FnMut(&str, &Block)) {
    for page in pages() {
        let path = page.path.to_str().unwrap().to_owned();
        if path == GENERATED || is_drilled(&path) {
            continue;
        }
        for block in page.blocks().unwrap() {
            let not_run = matches!(block.note, Some(Note::NotRun(_)));
            if (language.is_empty() || block.language() == language) && !not_run {
                look(&format!("{path}:{}", block.line), &block);
            }
        }
    }
}

#[test]
fn configurations_are_read() {
    each("toml", |place, block| {
        let Some(Note::ReadBy(reader)) = &block.note else {
            toml::from_str::<toml::Table>(&block.text)
                .unwrap_or_else(|error| panic!("{place}: {error}"));
            return;
        };
        match reader.as_str() {
            "leasehold" => {
                let config = queue_ops::Config::from_toml(&block.text);
                let config = config.unwrap_or_else(|error| panic!("{place}: {error}"));
                assert!(config.delivery.findings().is_empty(), "{place}");
            }
            "cargo" => {
                let table: toml::Table = toml::from_str(&block.text).unwrap();
                for (name, dependency) in table["dependencies"].as_table().unwrap() {
                    let Some(path) = dependency.get("path").and_then(toml::Value::as_str) else {
                        continue;
                    };
                    let ours = path.strip_prefix("../leasehold/").unwrap();
                    let manifest = repository::root().join(ours).join("Cargo.toml");
                    let text = fs::read_to_string(manifest).unwrap();
                    assert!(
                        text.contains(&format!("name = \"{name}\"")),
                        "{place}: {name}"
                    );
                }
            }
            // Its own test reads them: examples/review-service/tests/readme.rs.
            "review-service" => {
                toml::from_str::<toml::Table>(&block.text).unwrap();
            }
            other => panic!(
                "{place}: write `read by: leasehold`, `cargo` or `review-service`, not {other}"
            ),
        }
    });
}

#[test]
fn scrape_configurations_are_read() {
    let mut read = 0;
    each("yaml", |place, block| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("prometheus.yml");
        fs::write(&file, &block.text).unwrap();
        let mut check = Command::new(programs::promtool());
        check.args(["check", "config", "--syntax-only"]).arg(&file);
        let output = check
            .output()
            .expect("promtool, of Debian's prometheus, or PROMTOOL");
        assert!(output.status.success(), "{place}: {output:?}");
        read += 1;
    });
    assert!(read > 0);
}

#[test]
fn json_is_json() {
    each("json", |place, block| {
        // A document, or one in each line.
        let whole = serde_json::from_str::<serde_json::Value>(&block.text).is_ok();
        let mut lines = block.text.lines();
        let each = lines.all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok());
        assert!(whole || each, "{place}");
    });
}

/// Lines without what they are set in by.
fn set_out(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn fragments_stand_where_they_say() {
    let mut found = 0;
    each("", |place, block| {
        if let Some(Note::PartOf(path)) = &block.note {
            let file = fs::read_to_string(repository::root().join(path));
            let file = file.unwrap_or_else(|error| panic!("{place}: {path}: {error}"));
            let whole = format!("\n{}\n", set_out(&file));
            // Paragraph by paragraph: what stands between two of them there is not shown.
            let parts: Vec<String> = block.text.split("\n\n").map(set_out).collect();
            let mut rest = whole.as_str();
            for part in parts.iter().filter(|part| !part.is_empty()) {
                let at = rest.find(&format!("\n{part}\n"));
                let at = at.unwrap_or_else(|| panic!("{place} is not in {path}:\n{part}"));
                rest = &rest[at + part.len() + 1..];
            }
            found += 1;
        }
    });
    assert!(found > 0);
}
