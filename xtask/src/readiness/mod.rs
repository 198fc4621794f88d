//! `cargo xtask readiness`: the list of docs/readiness.md, answered for one environment.
//!
//! Each line names what shows it. Commands and tests are run; pages have to be there; what only the deploying team can
//! answer stays a question, and is listed as one.

mod answer;
mod line;
mod report;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::machine::Machine;
use crate::workspace;
use answer::Environment;
use line::{Line, Shown};
use report::Report;

/// The list, from the root of the repository.
const LIST: &str = "docs/readiness.md";

/// Options of `cargo xtask readiness`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReadinessOptions {
    /// The environment's name, for the report
    #[arg(long, value_name = "NAME")]
    environment: String,
    /// The environment's configuration, as `leasehold --config` takes it
    #[arg(long, value_name = "FILE", env = "LEASEHOLD_CONFIG")]
    config: Option<PathBuf>,
    /// Its database, where the configuration does not say
    #[arg(
        long,
        value_name = "URL",
        env = "LEASEHOLD_DATABASE_URL",
        hide_env_values = true
    )]
    database: Option<OsString>,
    /// Where the folder is that has this environment's `leasehold`; else PATH
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,
    /// Only lines whose number begins so, as SEC or OPS-3; any number of times
    #[arg(long, value_name = "NUMBER")]
    only: Vec<String>,
    /// Where the report goes, a file that is not there yet; readiness-NAME-DATE.md unless it is said
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Writes the report. Fails if a line does.
pub(crate) fn run(options: &ReadinessOptions) -> ExitCode {
    match report(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            // A command line that cannot work; see docs/reference/cli.md.
            ExitCode::from(64)
        }
    }
}

fn report(options: &ReadinessOptions) -> Result<bool> {
    let list = workspace::root().join(LIST);
    let text = fs::read_to_string(&list).with_context(|| format!("cannot read {LIST}"))?;
    let mut lines = line::read(&text)?;
    if !options.only.is_empty() {
        let is_asked = |line: &Line| options.only.iter().any(|it| line.number.starts_with(it));
        lines.retain(is_asked);
        if lines.is_empty() {
            bail!("{LIST} has no line {}", options.only.join(", "));
        }
    }
    let asks = |line: &Line| matches!(line.shown, Shown::Command(_));
    if lines.iter().any(asks) && options.config.is_none() && options.database.is_none() {
        bail!("say which environment it is: --config FILE, or --database URL");
    }
    let now = jiff::Zoned::now();
    let out = options.out.clone().unwrap_or_else(|| {
        let (name, day) = (&options.environment, now.date());
        PathBuf::from(format!("readiness-{name}-{day}.md"))
    });
    // Before anything is run, which takes long. What was found once stays found.
    if out.exists() {
        bail!(
            "{} is there already, and no report is written over: say where this one goes by --out FILE",
            out.display()
        );
    }
    let is_test = |line: &Line| matches!(line.shown, Shown::Test(_));
    let machine = match lines.iter().any(is_test) {
        true => Some(Machine::survey()?),
        false => None,
    };
    let environment = Environment {
        config: options.config.clone(),
        database: options.database.clone(),
        programs: options.programs.clone(),
        root: workspace::root(),
        machine,
    };
    let commit = environment.commit();
    let mut report = Report::new(&options.environment, &now.to_string(), &commit);
    for line in lines {
        println!("{} {}", line.number, line.claim);
        let answer = environment.answer(&line.shown);
        println!("    {answer}");
        report.add(line, answer);
    }
    File::create_new(&out)
        .and_then(|mut file| file.write_all(report.to_string().as_bytes()))
        .with_context(|| format!("cannot write {}", out.display()))?;
    println!("\n{}: {}", out.display(), report.summary());
    Ok(report.is_ready())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    fn lines() -> Vec<Line> {
        line::read(&fs::read_to_string(root().join(LIST)).unwrap()).unwrap()
    }

    /// Each part has something that is run, and something that only people know.
    #[test]
    fn the_list_has_all_parts() {
        for part in ["SEC", "ISO", "OPS", "OBS", "TOP", "REL", "LAU"] {
            let lines = lines();
            let of_part = || lines.iter().filter(|line| line.number.starts_with(part));
            let is_run = |line: &Line| !matches!(line.shown, Shown::Team | Shown::Page(_));
            assert!(of_part().any(is_run), "{part}");
            assert!(of_part().any(|line| line.shown == Shown::Team), "{part}");
        }
    }

    #[test]
    fn its_pages_are_there() {
        let environment = Environment {
            config: None,
            database: None,
            programs: None,
            root: root(),
            machine: None,
        };
        for line in lines() {
            if matches!(line.shown, Shown::Page(_)) {
                let answer = environment.answer(&line.shown);
                assert!(
                    matches!(answer, answer::Answer::Written),
                    "{}: {answer:?}",
                    line.number
                );
            }
        }
    }

    #[test]
    fn a_report_is_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("report.md");
        let options = ReadinessOptions {
            environment: "staging".to_owned(),
            config: None,
            database: None,
            programs: None,
            only: vec!["SEC-9".to_owned()], // nothing to be run
            out: Some(out.clone()),
        };
        assert!(report(&options).unwrap());
        let first = fs::read_to_string(&out).unwrap();
        assert!(first.contains("| SEC-9 |"), "{first}");
        let error = report(&options).unwrap_err().to_string();
        assert!(error.contains("--out FILE"), "{error}");
        assert_eq!(fs::read_to_string(&out).unwrap(), first);
    }

    /// The source of a file, or of all in a folder.
    fn source(path: &Path) -> String {
        if path.is_file() {
            return fs::read_to_string(path).unwrap();
        }
        let Ok(entries) = fs::read_dir(path) else {
            return String::new();
        };
        entries.map(|it| source(&it.unwrap().path())).collect()
    }

    /// Whether a filter is part of a name in the source of a test: of a function, of a module, or of what a macro
    /// makes one of. What is listed by the tests themselves would have to be built for it.
    fn is_met(source: &str, filter: &str) -> bool {
        source.lines().map(str::trim).any(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let mut pairs = words.windows(2);
            let is_named =
                pairs.any(|pair| ["fn", "mod"].contains(&pair[0]) && pair[1].contains(filter));
            let first = words.first().and_then(|word| word.strip_suffix(':'));
            is_named || first.is_some_and(|name| name.contains(filter))
        })
    }

    #[test]
    fn its_filters_meet_tests() {
        let mut looked_at = 0;
        for line in lines() {
            let Shown::Test(command) = &line.shown else {
                continue;
            };
            let mut text = String::new();
            let mut filters = Vec::new();
            let (mut folders, mut tests) = (Vec::new(), Vec::new());
            let mut words = command.split_whitespace();
            // Others than cargo's tests have no filters.
            if words.by_ref().take(2).collect::<Vec<_>>() != ["cargo", "test"] {
                continue;
            }
            while let Some(word) = words.next() {
                match word {
                    "--package" => folders.push(root().join(words.next().unwrap()).join("tests")),
                    "--test" => tests.push(words.next().unwrap()),
                    "--" => {}
                    filter => filters.push(filter),
                }
            }
            for folder in &folders {
                for test in &tests {
                    text += &source(&folder.join(format!("{test}.rs")));
                    text += &source(&folder.join(test));
                }
            }
            if tests.contains(&"conformance") {
                text += &source(&root().join("fixtures/src/conformance/mod.rs"));
            }
            for filter in filters {
                looked_at += 1;
                assert!(
                    is_met(&text, filter),
                    "{}: nothing is called {filter}",
                    line.number
                );
            }
        }
        assert!(looked_at > 10, "only {looked_at} filters");
        assert!(!is_met("// fn of it\nmod leader;\n", "leaders"));
    }

    /// Packages and test binaries by their names.
    #[test]
    fn its_tests_are_there() {
        for line in lines() {
            let Shown::Test(command) = &line.shown else {
                continue;
            };
            let words: Vec<&str> = command.split_whitespace().collect();
            let after = |option: &str| {
                let pairs = words.windows(2).filter(move |pair| pair[0] == option);
                pairs.map(|pair| pair[1]).collect::<Vec<_>>()
            };
            for package in after("--package") {
                let folder = match package {
                    "review-service" => root().join("examples/review-service"),
                    package => root().join(package),
                };
                for test in after("--test") {
                    let places = [
                        format!("{test}.rs"),
                        format!("{test}/main.rs"),
                        format!("{test}/mod.rs"),
                    ];
                    let is_there = |place: &String| folder.join("tests").join(place).is_file();
                    assert!(places.iter().any(is_there), "{}: {command}", line.number);
                }
            }
        }
    }

    #[test]
    fn its_commands_are_there() {
        let manual = fs::read_to_string(root().join("docs/reference/cli.md")).unwrap();
        for line in lines() {
            let Shown::Command(command) = &line.shown else {
                continue;
            };
            for rest in command.split("leasehold ").skip(1) {
                let mut words = rest.split([' ', ')', '"']);
                let verb = words.by_ref().take_while(|word| !word.starts_with('-'));
                let verb: Vec<&str> = verb.take(2).filter(|word| !word.is_empty()).collect();
                let named = format!("leasehold {}", verb.join(" "));
                assert!(manual.contains(&named), "{}: {named}", line.number);
            }
        }
    }
}
