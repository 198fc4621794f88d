//! docs/performance.md: what is between markers is written from a record, never by hand.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::plan::workspace;
use crate::record::{Plan, Record};
use crate::suite::Subject;
use crate::venue::Engine;
use crate::{contract, letters, outbox, peers, picture, pressure, sweep, table};

/// Writes the tables anew from a file.
pub(crate) fn regenerate(file: &Path) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let records =
        read(&text).with_context(|| format!("{} is not what --json writes", file.display()))?;
    for record in &records {
        if let Kept::Run(record) = record {
            picture::write(record, &workspace().join("docs"))?;
        }
    }
    let sections = records.iter().flat_map(|record| match record {
        Kept::Run(record) => sections(record),
        Kept::Contract(record) => vec![("contract", record.text())],
    });
    let path = workspace().join("docs/performance.md");
    let mut document = fs::read_to_string(&path).context("reading docs/performance.md")?;
    for (section, content) in sections {
        document = replace(&document, section, &content)?;
    }
    fs::write(&path, document).context("writing docs/performance.md")
}

/// What a file may hold: one of these, or a list of them as `all` writes it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Kept {
    Contract(contract::Record),
    Run(Box<Record>),
}

fn read(text: &str) -> Result<Vec<Kept>> {
    // Told apart here, so that what is wrong in a list is not called a list.
    Ok(match text.trim_start().starts_with('[') {
        true => serde_json::from_str(text)?,
        false => vec![serde_json::from_str(text)?],
    })
}

/// What a record has to say, for the terminal.
pub(crate) fn summary(record: &Record) -> String {
    let mut text = circumstances(record);
    for engine in Engine::ALL {
        let figures = figures(record, engine);
        if !figures.is_empty() {
            text.push_str(&format!("\n{}\n\n{figures}", engine.name()));
        }
    }
    text
}

/// Where and how, and who was missing.
fn circumstances(record: &Record) -> String {
    let absences = peers::absences(&record.absent);
    match absences.is_empty() {
        true => machine(record),
        false => format!("{}\n{absences}", machine(record)),
    }
}

fn sections(record: &Record) -> Vec<(&'static str, String)> {
    match record.subject {
        Subject::Store => vec![
            ("machine", machine(record)),
            ("sqlite", figures(record, Engine::Sqlite)),
            ("postgres", figures(record, Engine::Postgres)),
            ("sqlite-plan", plans(record, Engine::Sqlite)),
            ("postgres-plan", plans(record, Engine::Postgres)),
        ],
        Subject::Worker => vec![
            ("worker-machine", machine(record)),
            ("worker-sqlite", illustrated(record, Engine::Sqlite)),
            ("worker-postgres", illustrated(record, Engine::Postgres)),
        ],
        Subject::Outbox => vec![
            ("outbox-machine", machine(record)),
            ("outbox-sqlite", figures(record, Engine::Sqlite)),
            ("outbox-postgres", figures(record, Engine::Postgres)),
        ],
        Subject::Letters => vec![
            ("letters-machine", machine(record)),
            ("letters-sqlite", figures(record, Engine::Sqlite)),
            ("letters-postgres", figures(record, Engine::Postgres)),
        ],
        Subject::Sweep => vec![
            ("sweep-machine", machine(record)),
            ("sweep-sqlite", figures(record, Engine::Sqlite)),
            ("sweep-postgres", figures(record, Engine::Postgres)),
        ],
        Subject::Pressure => vec![
            ("pressure-machine", machine(record)),
            ("pressure-sqlite", illustrated(record, Engine::Sqlite)),
            ("pressure-postgres", illustrated(record, Engine::Postgres)),
        ],
        Subject::Peers => vec![
            ("peers-machine", circumstances(record)),
            ("peers-sqlite", figures(record, Engine::Sqlite)),
            ("peers-postgres", figures(record, Engine::Postgres)),
        ],
    }
}

fn machine(record: &Record) -> String {
    let machine = &record.machine;
    let mut text = format!(
        "`{}` at {} ({}), {} rounds.\n\n{} cores ({}), {:.0} GiB, Linux {}, {}, load {} before \
         and {} at the end; SQLite {}",
        record.command,
        record.commit,
        record.at,
        record.rounds,
        machine.cores,
        machine.processor,
        machine.memory_gib,
        machine.kernel,
        machine.file_system,
        machine.load.0,
        machine.load.1,
        machine.sqlite,
    );
    if let Some(postgres) = &machine.postgres {
        let settings: Vec<String> = machine
            .postgres_settings
            .iter()
            .map(|setting| format!("`{setting}`"))
            .collect();
        text.push_str(&format!(
            "; Postgres {postgres} by a UNIX socket, {}",
            settings.join(", ")
        ));
    }
    text.push_str(".\n");
    if was_shared(&machine.load.0) {
        text.push_str(
            "\n**Other programs used this machine meanwhile.** The ratios suffer from that less than \
             the absolute figures, and both suffer: look at the spread.\n",
        );
    }
    text
}

/// Whether others were at work when a run began. At its end the load is its own.
fn was_shared(load_before: &str) -> bool {
    load_before.parse::<f64>().is_ok_and(|load| load >= 1.0)
}

fn figures(record: &Record, engine: Engine) -> String {
    let cases: Vec<_> = record
        .cases
        .iter()
        .filter(|case| case.engine == engine)
        .collect();
    if cases.is_empty() {
        return String::new();
    }
    match record.subject {
        Subject::Store | Subject::Worker => table::of_cases(&cases),
        Subject::Outbox => outbox::table(&cases),
        Subject::Letters => letters::table(&cases),
        Subject::Sweep => sweep::table(&cases),
        Subject::Pressure => pressure::table(&cases),
        Subject::Peers => peers::table(&cases),
    }
}

/// The pictures, and the table below them.
fn illustrated(record: &Record, engine: Engine) -> String {
    let pictures = record
        .cases
        .iter()
        .filter(|case| case.engine == engine)
        .filter_map(|case| picture::of_case(record.subject, case));
    let links: Vec<String> = pictures.map(|picture| picture.link()).collect();
    format!("{}\n\n{}", links.join("\n\n"), figures(record, engine))
}

fn plans(record: &Record, engine: Engine) -> String {
    let blocks: Vec<String> = record
        .plans
        .iter()
        .filter(|plan| plan.engine == engine)
        .map(block)
        .collect();
    blocks.join("\n")
}

fn block(plan: &Plan) -> String {
    format!(
        "`{}`, {} k jobs queued:\n\n```text\n{}\n```\n",
        plan.statement,
        plan.rows / 1000,
        plan.text
    )
}

/// Puts new content between `<!-- bench:section -->` and `<!-- end -->`.
fn replace(document: &str, section: &str, content: &str) -> Result<String> {
    let begin = format!("<!-- bench:{section} -->");
    let end = "<!-- end -->";
    ensure!(
        document.matches(&begin).count() == 1,
        "docs/performance.md must have the line {begin} once"
    );
    let (before, rest) = document
        .split_once(&begin)
        .with_context(|| format!("{begin} is missing"))?;
    let (old, after) = rest
        .split_once(end)
        .with_context(|| format!("there is no {end} after {begin}"))?;
    ensure!(
        !old.contains("<!-- bench:"),
        "another section begins between {begin} and {end}"
    );
    Ok(format!(
        "{before}{begin}\n\n{}\n\n{end}{after}",
        content.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "# Title\n\n<!-- bench:one -->\nold\n<!-- end -->\n\nby hand\n\n\
                            <!-- bench:two -->\n<!-- end -->\n";

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let new = replace(DOCUMENT, "one", "| new |\n").unwrap();
        assert_eq!(
            new,
            "# Title\n\n<!-- bench:one -->\n\n| new |\n\n<!-- end -->\n\nby hand\n\n\
             <!-- bench:two -->\n<!-- end -->\n"
        );
        assert_eq!(replace(&new, "one", "| new |\n").unwrap(), new);
        assert!(replace(&new, "two", "x").unwrap().contains("by hand"));
    }

    #[test]
    fn a_run_beside_other_programs_is_said_to_be_one() {
        assert!(was_shared("3.84"));
        assert!(!was_shared("0.12"));
        assert!(!was_shared("unknown"));
    }

    #[test]
    fn a_file_holds_one_record_or_a_list_of_them() {
        let results = workspace().join("benches/results");
        let one = fs::read_to_string(results.join("worker.json")).unwrap();
        let other = fs::read_to_string(results.join("contract.json")).unwrap();
        assert!(matches!(read(&one).unwrap()[..], [Kept::Run(_)]));
        assert!(matches!(read(&other).unwrap()[..], [Kept::Contract(_)]));
        let both = read(&format!("[{one},{other}]")).unwrap();
        assert!(matches!(both[..], [Kept::Run(_), Kept::Contract(_)]));
        assert!(read("{}").is_err() && read("[{}]").is_err());
    }

    #[test]
    fn broken_markers_are_refused() {
        assert!(replace(DOCUMENT, "three", "x").is_err());
        let twice = format!("{DOCUMENT}{DOCUMENT}");
        assert!(replace(&twice, "one", "x").is_err());
        let open = "<!-- bench:one -->\ntext\n";
        assert!(replace(open, "one", "x").is_err());
        let nested = "<!-- bench:one -->\n<!-- bench:two -->\n<!-- end -->\n";
        let error = replace(nested, "one", "x").unwrap_err();
        assert!(error.to_string().contains("another section"), "{error}");
    }

    #[test]
    fn the_page_has_every_section_once() {
        let page = fs::read_to_string(workspace().join("docs/performance.md")).unwrap();
        for section in [
            "machine",
            "sqlite",
            "postgres",
            "sqlite-plan",
            "postgres-plan",
            "worker-machine",
            "worker-sqlite",
            "worker-postgres",
            "outbox-machine",
            "outbox-sqlite",
            "outbox-postgres",
            "letters-machine",
            "letters-sqlite",
            "letters-postgres",
            "sweep-machine",
            "sweep-sqlite",
            "sweep-postgres",
            "pressure-machine",
            "pressure-sqlite",
            "pressure-postgres",
            "peers-machine",
            "peers-sqlite",
            "peers-postgres",
            "contract",
        ] {
            replace(&page, section, "x").unwrap();
        }
    }
}
