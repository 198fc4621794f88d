//! Alerts: valid, each of them seen to fire and to be silent, on metrics that there are, with a page on what to do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use queue_ops::SweeperSection;
use sweeper::LoopName;

use crate::metric_names::{named, unknown};
use crate::tool::{run, said, tool};
use crate::unit::{packaging, read};

pub(crate) fn rules() -> String {
    read(&packaging().join("prometheus/leasehold.rules.yml"))
}

fn tests() -> String {
    read(&packaging().join("prometheus/leasehold.test.yml"))
}

fn promtool(arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(tool("PROMTOOL", "promtool"));
    run(command.args(arguments).current_dir(folder))
}

/// The alerts with their texts.
pub(crate) fn alerts(rules: &str) -> Vec<(&str, &str)> {
    let alerts = rules.split("- alert: ").skip(1);
    alerts.map(|it| it.split_once('\n').unwrap()).collect()
}

#[test]
fn rules_are_valid() {
    let folder = packaging().join("prometheus");
    let output = promtool(&["check", "rules", "leasehold.rules.yml"], &folder);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn alerts_fire_when_they_should() {
    let folder = packaging().join("prometheus");
    let output = promtool(&["test", "rules", "leasehold.test.yml"], &folder);
    assert!(output.status.success(), "{}", said(&output));
}

/// The tests can fail: with bounds that nothing reaches, each alert and each of its parts is missed.
#[test]
fn bounds_that_are_moved_are_noticed() {
    let rules = rules();
    let moved: String = rules
        .split_inclusive(" > ")
        .map(|part| {
            let bound = part
                .bytes()
                .take_while(|it| matches!(it, b'0'..=b'9' | b'.'));
            match bound.count() {
                0 => part.to_owned(),
                length => format!("1000000{}", &part[length..]),
            }
        })
        .collect();
    let moved = moved
        .replace(" < 1", " < 0")
        .replace("absent(", "absent(up or ");
    let moved = moved.replace("[1h]", "[1m]");
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("leasehold.test.yml"), tests()).unwrap();
    std::fs::write(dir.path().join("leasehold.rules.yml"), moved).unwrap();
    let output = promtool(&["test", "rules", "leasehold.test.yml"], dir.path());
    let said = said(&output);
    for (name, _) in alerts(&rules) {
        let missed = said.contains(&format!("alertname: {name}, "));
        assert!(missed, "{name}: {said}");
    }
    for name in LoopName::ALL {
        let missed = said.contains(&format!("loop=\"{name}\""));
        assert!(missed, "{name}: {said}");
    }
}

#[test]
fn each_alert_is_seen_to_fire_and_to_be_silent() {
    let tests = tests();
    for (name, _) in alerts(&rules()) {
        let asked = format!("alertname: {name}\n");
        let cases = tests.split(&asked).skip(1);
        let silent: BTreeSet<bool> = cases
            .map(|case| case.trim_start().starts_with("exp_alerts: []"))
            .collect();
        assert_eq!(silent, [false, true].into(), "{name}");
    }
}

#[test]
fn alerts_are_on_metrics_that_there_are() {
    let rules = rules();
    assert!(named(&rules).len() > 10);
    assert_eq!(unknown(&rules), Vec::<String>::new());
    // What is made up for tests is a metric, too.
    assert_eq!(unknown(&tests()), Vec::<String>::new());
}

/// Five times the interval that a loop has unless somebody says otherwise.
#[test]
fn a_loop_may_miss_five_intervals() {
    let section = SweeperSection::default();
    let lease = section.leader_lease.get();
    let intervals = serde_json::to_value(section).unwrap();
    let rules = rules();
    let stuck = alerts(&rules)
        .into_iter()
        .find(|(name, _)| *name == "LeaseholdLoopStuck");
    let bounds: Vec<(&str, u64)> = stuck
        .unwrap()
        .1
        .lines()
        .filter_map(|line| {
            let rest = line.split_once("loop=")?.1;
            let (loops, bound) = rest.trim_start_matches('~').split_once("} > ")?;
            Some((loops.trim_matches('"'), bound.parse().unwrap()))
        })
        .collect();
    for name in LoopName::ALL {
        let every = match &intervals[format!("{name}_every")] {
            // It bids three times within a lease.
            serde_json::Value::Null => lease / 3,
            every => humantime::parse_duration(every.as_str().unwrap()).unwrap(),
        };
        let of_loop = bounds
            .iter()
            .find(|(loops, _)| loops.split('|').any(|it| it == name.as_str()));
        let (_, bound) = of_loop.unwrap_or_else(|| panic!("no alert has the loop {name}"));
        let bound = Duration::from_secs(*bound);
        assert!(
            bound >= 5 * every && bound <= 8 * every,
            "{name}: {bound:?}"
        );
    }
}

/// The page says what to do by commands that there are.
#[test]
fn alerts_have_runbooks() {
    let root = packaging().join("..");
    let line = read(&root.join("docs/reference/cli.md"));
    let rules = rules();
    let mut pages = BTreeSet::new();
    for (name, text) in alerts(&rules) {
        let page = text.split_once("runbook_url: ").unwrap().1;
        let page = page.lines().next().unwrap();
        let content = read(&root.join(page));
        assert!(content.contains(name), "{page} does not name {name}");
        pages.insert(PathBuf::from(page));
        let commands: Vec<_> = content
            .lines()
            .map(str::trim_start)
            .filter(|line| line.starts_with("leasehold "))
            .collect();
        assert!(commands.len() >= 3, "{page}: {commands:?}");
        for command in commands {
            let words = command.split_whitespace().skip(1);
            let words: Vec<_> = words
                .take_while(|word| word.bytes().all(|it| it.is_ascii_lowercase() || it == b'-'))
                .take_while(|word| !word.starts_with('-'))
                .take(2)
                .collect();
            let known = line.contains(&format!("leasehold {}", words.join(" ")));
            assert!(known, "{page}: {command}");
        }
    }
    assert!(pages.len() >= 6, "{pages:?}");
}
