//! Objectives: their numbers are those of the alerts, their budgets are calculated, their queries are queries.

use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

use crate::alerts::{alerts, rules};
use crate::tool::{run, said, tool};
use crate::unit::{packaging, read};

const PAGE: &str = "../docs/slo.md";
const DAYS: u32 = 28;

/// What is promised: the alert that watches it, its condition where all is well, and for what share of the time.
struct Objective {
    promise: &'static str,
    alert: &'static str,
    /// The series, of which the bound is the alert's.
    series: &'static str,
    permille: u32,
}

const OBJECTIVES: [Objective; 6] = [
    Objective {
        promise: "A daemon can work with the database",
        alert: "LeaseholdNotReady",
        series: "leasehold:sweep_silence_seconds{loop=\"pulse\"}",
        permille: 999,
    },
    Objective {
        promise: "Jobs of workers that died are given back",
        alert: "LeaseholdLoopStuck",
        series: "leasehold:sweep_silence_seconds{loop=~\"pulse|leases|doubts\"}",
        permille: 999,
    },
    Objective {
        promise: "A job that could run does not wait for long",
        alert: "LeaseholdJobsWaiting",
        series: "max without (instance) (leasehold_oldest_ready_age_seconds)",
        permille: 995,
    },
    Objective {
        promise: "A message leaves soon after it is due",
        alert: "LeaseholdOutboxLag",
        series: "max without (instance) (leasehold_outbox_lag_seconds)",
        permille: 990,
    },
    Objective {
        promise: "A doubt is settled",
        alert: "LeaseholdInDoubt",
        series: "max without (instance) (leasehold_oldest_doubt_seconds)",
        permille: 990,
    },
    Objective {
        promise: "Claiming is not slowed down by somebody's transaction",
        alert: "LeaseholdHorizonHeld",
        series: "max without (instance) (leasehold_db_horizon_age_seconds)",
        permille: 990,
    },
];

/// An alert, as the rules have it.
struct Rule {
    name: String,
    expression: String,
    wait: Duration,
    severity: String,
    page: String,
}

fn all() -> Vec<Rule> {
    let rules = rules();
    let read = |(name, text): (&str, &str)| {
        let after = |key: &str| {
            let (_, rest) = text.split_once(&format!("\n        {key}: "))?;
            Some(rest.lines().next().unwrap().to_owned())
        };
        let (_, expression) = text.split_once("expr:").unwrap();
        let end = expression.find("\n        for:");
        let end = end
            .or_else(|| expression.find("\n        labels:"))
            .unwrap();
        let words: Vec<&str> = expression[..end].split_whitespace().collect();
        let wait = after("for").map_or(Duration::ZERO, |wait| {
            humantime::parse_duration(&wait).unwrap()
        });
        Rule {
            name: name.to_owned(),
            expression: words.join(" ").trim_start_matches(">- ").to_owned(),
            wait,
            severity: after("  severity").unwrap(),
            page: after("  runbook_url").unwrap(),
        }
    };
    alerts(&rules).into_iter().map(read).collect()
}

impl Objective {
    fn rule(&self) -> Rule {
        let found = all().into_iter().find(|rule| rule.name == self.alert);
        found.unwrap_or_else(|| panic!("there is no alert {}", self.alert))
    }

    /// What its series may come to, as the alert has it.
    fn bound(&self) -> u64 {
        let rule = self.rule();
        let (_, rest) = rule
            .expression
            .split_once(&format!("{} > ", self.series))
            .unwrap_or_else(|| panic!("{} is not about {}", self.alert, self.series));
        rest.split_whitespace().next().unwrap().parse().unwrap()
    }

    fn budget(&self) -> Duration {
        Duration::from_secs(u64::from(DAYS) * 86_400) * (1_000 - self.permille) / 1_000
    }

    fn query(&self) -> String {
        let (series, bound) = (self.series, self.bound());
        format!("avg_over_time(({series} <= bool {bound})[{DAYS}d:1m])")
    }
}

fn shown(time: Duration) -> String {
    // To the minute, or what is shorter as it is.
    let whole = match time.as_secs() {
        seconds @ 0..3600 => seconds,
        seconds => seconds / 60 * 60,
    };
    humantime::format_duration(Duration::from_secs(whole)).to_string()
}

fn objectives() -> String {
    let mut table = String::from(
        "| promise | holds while | share | budget in 28 days | alert | spent when it fires |\n|---|---|---|---|---|---|\n",
    );
    for objective in &OBJECTIVES {
        let (rule, bound) = (objective.rule(), objective.bound());
        let fires = rule.wait + Duration::from_secs(bound);
        let spent = 100.0 * rule.wait.as_secs_f64() / objective.budget().as_secs_f64();
        writeln!(
            table,
            "| {} | at most {} | {:.1} % | {} | `{}`, {} after it began | {spent:.1} % |",
            objective.promise,
            shown(Duration::from_secs(bound)),
            f64::from(objective.permille) / 10.0,
            shown(objective.budget()),
            objective.alert,
            shown(fires),
        )
        .unwrap();
    }
    table
}

fn queries() -> String {
    let mut list =
        String::from("<!-- made by: sweeper/tests/packaging/objectives.rs -->\n```text\n");
    for objective in &OBJECTIVES {
        writeln!(list, "# {}\n{}", objective.promise, objective.query()).unwrap();
    }
    list + "```\n"
}

fn list() -> String {
    let mut table =
        String::from("| alert | when | for | severity | runbook |\n|---|---|---|---|---|\n");
    for rule in all() {
        let page = rule.page.trim_start_matches("docs/");
        let name = page.trim_start_matches("runbooks/").trim_end_matches(".md");
        writeln!(
            table,
            "| `{}` | `{}` | {} | {} | [{name}]({page}) |",
            rule.name,
            // A bar would end the cell.
            rule.expression.replace('|', "\\|"),
            match rule.wait.is_zero() {
                true => "at once".to_owned(),
                false => shown(rule.wait),
            },
            rule.severity,
        )
        .unwrap();
    }
    table
}

/// `LEASEHOLD_UPDATE=1` writes them.
#[test]
fn the_page_has_the_numbers_of_the_rules() {
    let path = packaging().join(PAGE);
    let mut page = read(&path);
    let parts = [
        ("objectives", objectives()),
        ("queries", queries()),
        ("alerts", list()),
    ];
    for (name, text) in parts {
        let (mark, end) = (
            format!("<!-- {name} -->\n"),
            format!("<!-- end of {name} -->"),
        );
        let (before, rest) = page.split_once(&mark).unwrap();
        let (_, after) = rest.split_once(&end).unwrap();
        page = format!("{before}{mark}\n{text}\n{end}{after}");
    }
    if std::env::var_os("LEASEHOLD_UPDATE").is_some() {
        std::fs::write(&path, page).unwrap();
    } else {
        assert_eq!(read(&path), page, "write it by LEASEHOLD_UPDATE=1");
    }
}

#[test]
fn an_alert_leaves_most_of_the_budget() {
    for objective in &OBJECTIVES {
        let part = objective.rule().wait.as_secs_f64() / objective.budget().as_secs_f64();
        assert!(part < 0.05, "{}: {part}", objective.alert);
    }
}

#[test]
fn its_queries_are_queries() {
    let dir = tempfile::tempdir().unwrap();
    let mut rules = String::from("groups:\n  - name: objectives\n    rules:\n");
    for (number, objective) in OBJECTIVES.iter().enumerate() {
        let query = objective.query();
        writeln!(
            rules,
            "      - record: objective:{number}\n        expr: {query:?}"
        )
        .unwrap();
    }
    std::fs::write(dir.path().join("objectives.yml"), rules).unwrap();
    let mut promtool = Command::new(tool("PROMTOOL", "promtool"));
    promtool
        .args(["check", "rules", "objectives.yml"])
        .current_dir(dir.path());
    let output = run(&mut promtool);
    assert!(output.status.success(), "{}", said(&output));
}
