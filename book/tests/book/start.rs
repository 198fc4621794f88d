//! From an empty directory, following only the page: a service that compiles, a job, a test, metrics.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;

use book::block::Note;
use book::repository;
use serde_json::Value;

use crate::script::{self, Place};
use crate::{page, programs};

/// A port that nobody has just now.
fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// An error of the service is said in its own words, with what to do, and not as Rust has its fields.
const MISTAKE: &str = "
<!-- ends with: 1 -->
```sh
cargo run --quiet -- oder 42
```

<!-- prints -->
```text
Error: write `shop order NUMBER` or `shop work`
```
";

/// What the panels of the dashboard ask, asked of the Prometheus that the page has started: whoever imports the file
/// has its queries answered there, that of the first panel by the daemon of the page.
fn panels() -> String {
    let file = repository::root().join("packaging/grafana/leasehold.json");
    let dashboard: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.filter_map(|panel| panel["targets"].as_array());
    let mut commands = String::new();
    for target in targets.flatten() {
        // As Grafana does where everything is chosen.
        let query = target["expr"].as_str().unwrap();
        let query = query.replace("$__rate_interval", "20s");
        let query = query.replace("$job", ".*").replace("$queue", ".*");
        assert!(!query.contains(['$', '\'']), "{query}");
        writeln!(
            commands,
            "promtool query instant http://127.0.0.1:9090 '{query}'"
        )
        .unwrap();
    }
    format!("\n```sh\n{commands}```\n\n<!-- prints -->\n```text\n{{}} => 1 …\n```\n")
}

#[test]
fn whoever_follows_the_page_has_a_service() {
    let mut page = page("docs/start.md");
    // While what they ask runs.
    let (before, stop) = page.text.split_once("\n## 5. Stop\n").unwrap();
    let panels = panels();
    page.text = format!("{before}\n{MISTAKE}\n{panels}\n## 5. Stop\n{stop}");
    let root = repository::root();
    let dir = tempfile::tempdir().unwrap();
    let shop = dir.path().join("shop");
    fs::create_dir(&shop).unwrap();
    // What `git clone` would have brought.
    symlink(&root, dir.path().join("leasehold")).unwrap();
    // What follows is about how long it takes, not about what it comes to: the versions that are built
    // already, with the profile that they are built by, in the folder that they are built into.
    fs::copy(root.join("Cargo.lock"), shop.join("Cargo.lock")).unwrap();
    let built = programs::FOLDER.parent().unwrap();
    let workspace = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let profile = workspace.find("[profile.dev]").unwrap();
    let release = workspace.find("[profile.release]").unwrap();
    fs::create_dir(dir.path().join(".cargo")).unwrap();
    let config = format!(
        "[build]\ntarget-dir = {:?}\n\n{}",
        built.join("start"),
        &workspace[profile..release]
    );
    fs::write(dir.path().join(".cargo/config.toml"), config).unwrap();

    let tools = dir.path().join("tools");
    fs::create_dir(&tools).unwrap();
    let promtool = programs::promtool();
    // Of the same package.
    let prometheus = promtool.with_file_name("prometheus");
    symlink(&promtool, tools.join("promtool")).unwrap();
    symlink(prometheus, tools.join("prometheus")).unwrap();
    // Ports that are nobody else's on this machine.
    let (daemon, worker) = (free_port(), free_port());
    let instead = vec![
        ("127.0.0.1:9464".to_owned(), daemon.clone()),
        ("127.0.0.1:9465".to_owned(), worker),
        ("127.0.0.1:9090".to_owned(), free_port()),
    ];
    let variables = vec![
        ("CARGO_TERM_COLOR", "never".to_owned()),
        ("LEASEHOLD_HTTP_LISTEN", daemon),
    ];
    let place = Place {
        folder: &shop,
        path: vec![
            programs::FOLDER.display().to_string(),
            tools.display().to_string(),
        ],
        variables,
        instead,
    };
    let ran = script::run(&page, &place);
    // Whoever was started in the background says so where it was: the worker at its end, of its two jobs.
    let said = ran.outputs.iter().map(|(_, said)| said.as_str());
    let said: String = said.collect();
    assert!(said.contains("succeeded: 1"), "{said}");
}

#[test]
fn the_page_needs_nothing_that_it_does_not_say() {
    let page = page("docs/start.md");
    let blocks = page.blocks().unwrap();
    let files = blocks.iter().filter_map(|block| match &block.note {
        Some(Note::File(path)) => Some(path.as_str()),
        _ => None,
    });
    let wanted = [
        "Cargo.toml",
        "src/lib.rs",
        "src/main.rs",
        "tests/invoice.rs",
        "prometheus.yml",
    ];
    assert_eq!(files.collect::<Vec<_>>(), wanted);
}

/// What its commands are called by: what it says that it takes, what it has installed itself, or what every shell has.
#[test]
fn the_page_says_what_it_takes() {
    let page = page("docs/start.md");
    let (head, _) = page.text.split_once("\n## ").unwrap();
    let workspace = fs::read_to_string(repository::root().join("Cargo.toml")).unwrap();
    let rust = workspace.split("rust-version = \"").nth(1).unwrap();
    let rust = rust.split('"').next().unwrap();
    assert!(head.contains(&format!("Rust {rust} or newer")), "{rust}");
    let there = [
        "cd",
        "export",
        "kill",
        "leasehold",
        "leasehold-sweeper",
        "mkdir",
        "wait",
    ];
    let blocks = page.blocks().unwrap();
    for block in blocks.iter().filter(|block| block.language() == "sh") {
        for command in block.text.lines().flat_map(|line| line.split("&&")) {
            let Some(program) = command.split_whitespace().next() else {
                continue;
            };
            let is_said = there.contains(&program) || head.contains(&format!("`{program}`"));
            assert!(is_said, "the page does not say that it takes {program}");
        }
    }
}
