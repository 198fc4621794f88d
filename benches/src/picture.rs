//! Which cases have a picture, where it is, and what it shows.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::chart::{self, Bar, Line};
use crate::record::{CaseRecord, Entry, Record};
use crate::suite::Subject;
use crate::table::thousands;

/// Beside the page.
const FOLDER: &str = "performance";

/// A picture of a case.
#[derive(Debug)]
pub(crate) struct Picture {
    title: String,
    file: String,
    svg: String,
}

impl Picture {
    /// As the page shows it.
    pub(crate) fn link(&self) -> String {
        format!("![{}]({FOLDER}/{})", self.title, self.file)
    }
}

/// Writes all pictures of a record into the folder of documents.
pub(crate) fn write(record: &Record, documents: &Path) -> Result<()> {
    let folder = documents.join(FOLDER);
    for picture in record
        .cases
        .iter()
        .filter_map(|case| of_case(record.subject, case))
    {
        fs::create_dir_all(&folder).context("making the folder of pictures")?;
        let path = folder.join(&picture.file);
        fs::write(&path, &picture.svg).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

/// Latencies have none: bars of what is to be small would be read the wrong way.
pub(crate) fn of_case(subject: Subject, case: &CaseRecord) -> Option<Picture> {
    let title = format!("{}: {}, {}", case.engine.name(), case.workload, case.title);
    let svg = match subject {
        Subject::Worker if case.workload != "W4" => {
            chart::bars(&format!("{title}, jobs/s"), &bars(case))
        }
        Subject::Pressure => {
            let title = format!("{title}: p99 of claims, minute by minute");
            chart::lines(&title, "ms", &lines(case))
        }
        _ => return None,
    };
    let name = [subject.name(), case.engine.argument(), &case.workload].join("-");
    Some(Picture {
        title,
        file: format!("{}.svg", name.to_lowercase()),
        svg,
    })
}

fn bars(case: &CaseRecord) -> Vec<Bar> {
    let bar = |entry: &Entry| {
        let rate = case.figures(entry).rate;
        Bar {
            name: entry.name.clone(),
            value: rate,
            text: thousands(rate),
            is_ours: !entry.name.starts_with("raw"),
        }
    };
    case.entries.iter().map(bar).collect()
}

fn lines(case: &CaseRecord) -> Vec<Line> {
    let entries = case.entries.iter();
    entries
        .filter_map(|entry| {
            let minutes = &entry.samples.last()?.minutes;
            let p99 = minutes.iter().filter_map(|minute| minute.latency);
            Some(Line {
                name: entry.name.clone(),
                values: p99.map(|latency| latency.p99_ms).collect(),
                is_ours: entry.target.is_some(),
            })
        })
        .collect()
}
