//! `contract`: how long reading by a contract takes, beside a plain parse of the same bytes.

use std::fmt::Write;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;
use queue_core::contract::{Contract, ContractFile, Limits, ReadContext};
use serde::{Deserialize, Serialize};

use crate::statistics::{median, paired_ratio, spread};
use crate::suite::strictly;
use crate::{machine, table};

const REVIEW: &str = include_str!("../../fixtures/contracts/review-result.json");
/// The files of the change that the answers are about.
const FILES: usize = 10;

/// How often, and what to keep of it.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// How often each document has its turn
    #[arg(long, default_value_t = ROUNDS, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// End with 1 where a target is missed; else that is only printed
    #[arg(long)]
    strict: bool,
    /// Keep everything that was measured, for `report`
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Everything that was measured, in seconds per document.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    command: String,
    at: String,
    rounds: u32,
    processor: String,
    load: String,
    documents: Vec<Measured>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    name: String,
    findings: usize,
    bytes: usize,
    /// At most so many times as long as the plain parse.
    target: Option<f64>,
    parse: Vec<f64>,
    read: Vec<f64>,
}

/// Measures, prints, and keeps it if a file was named.
pub(crate) fn run(options: &Options) -> Result<()> {
    let record = measure(options.rounds)?;
    println!("{}", record.text());
    if let Some(file) = &options.json {
        let text = serde_json::to_string_pretty(&record)?;
        std::fs::write(file, text + "\n").with_context(|| format!("writing {}", file.display()))?;
    }
    strictly(options.strict, &record.missed())
}

/// How often each document has its turn by itself.
pub(crate) const ROUNDS: u32 = 21;

/// Measures.
pub(crate) fn measure(rounds: u32) -> Result<Record> {
    ensure!(
        !cfg!(debug_assertions),
        "a debug build measures itself: run `cargo xtask bench`, which builds for release"
    );
    let mut file = ContractFile::from_json(REVIEW).context("the contract of the fixtures")?;
    file.limits = Limits {
        bytes: usize::MAX,
        items: usize::MAX,
        diagnostics: usize::MAX,
        ..Limits::default()
    };
    let contract = Contract::from_json(&file.to_json())?;
    let files = (0..FILES).map(|n| format!("src/module_{n}.rs"));
    let context = ReadContext::new().list("changed_files", files);
    let mut documents = vec![
        Document::new("as it should be", 10, good, Some(3.0)),
        Document::new("three repairs in each finding", 10, messy, Some(3.0)),
        Document::new("every second finding is bad", 10, bad, Some(3.0)),
        Document::new("as it should be", 1_000, good, None),
        Document::new("as it should be", 10_000, good, None),
        Document::new("as it should be", 100_000, good, None),
        Document::new("three repairs in each finding", 100_000, messy, None),
    ];
    for _ in 0..rounds {
        for document in &mut documents {
            document.round(&contract, &context)?;
        }
    }
    Ok(Record {
        command: format!("cargo xtask bench contract --rounds {rounds}"),
        at: humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string(),
        rounds,
        processor: machine::field("/proc/cpuinfo", "model name")
            .unwrap_or_else(|| "unknown".to_owned()),
        load: machine::load(),
        documents: documents
            .into_iter()
            .map(|document| document.measured)
            .collect(),
    })
}

struct Document {
    bytes: bytes::Bytes,
    /// How often in a row, so that a clock can tell.
    times: u32,
    measured: Measured,
}

impl Document {
    fn new(name: &str, findings: usize, finding: fn(usize) -> String, target: Option<f64>) -> Self {
        let list: Vec<String> = (0..findings).map(finding).collect();
        let text = format!(
            r#"{{"schema_version":"1.0","prompt_version":"1.0.0","findings":[{}],"summary":"What was found"}}"#,
            list.join(",")
        );
        Self {
            times: (20_000 / findings as u32).max(1),
            measured: Measured {
                name: name.to_owned(),
                findings,
                bytes: text.len(),
                target,
                parse: Vec::new(),
                read: Vec::new(),
            },
            bytes: text.into(),
        }
    }

    fn round(&mut self, contract: &Contract, context: &ReadContext) -> Result<()> {
        let begun = Instant::now();
        for _ in 0..self.times {
            black_box(serde_json::from_slice::<serde_json::Value>(&self.bytes)?);
        }
        let parse = begun.elapsed();
        let begun = Instant::now();
        for _ in 0..self.times {
            let verdict = contract.read(self.bytes.clone(), context);
            ensure!(verdict.is_accepted(), "{:?}", verdict.rejection());
            black_box(verdict);
        }
        let read = begun.elapsed();
        let each = |took: std::time::Duration| took.as_secs_f64() / f64::from(self.times);
        self.measured.parse.push(each(parse));
        self.measured.read.push(each(read));
        Ok(())
    }
}

fn finding(n: usize, severity: &str, folder: &str, line: &str) -> String {
    format!(
        r#"{{"id":"f-{n}","severity":"{severity}","category":"correctness","title":"The loop ends one too early","file":"{folder}module_{}.rs","line":{line},"message":"The upper bound is exclusive here, so that the last element is never looked at.","end_line":{},"suggestion":"Write 0..=last instead of 0..last.","confidence":"medium"}}"#,
        n % FILES,
        n + 3,
    )
}

fn good(n: usize) -> String {
    finding(n, "high", "src/", &(n + 1).to_string())
}

fn messy(n: usize) -> String {
    finding(n, " high ", "./src/", &format!("\"{}\"", n + 1))
}

fn bad(n: usize) -> String {
    match n % 2 {
        0 => good(n),
        _ => finding(n, "awful", "lib/", "0"),
    }
}

impl Record {
    /// Which documents missed their target, each in a line.
    pub(crate) fn missed(&self) -> Vec<String> {
        let missed = self.documents.iter().filter_map(|measured| {
            let most = measured.target.filter(|most| measured.ratio() > *most)?;
            let (name, findings) = (&measured.name, measured.findings);
            Some(format!("{name}, {findings} findings: ≤ {most} ×"))
        });
        missed.collect()
    }

    /// For the terminal and for docs/performance.md.
    pub(crate) fn text(&self) -> String {
        let head = [
            "",
            "findings",
            "KiB",
            "parse µs",
            "read µs",
            "spread",
            "ratio",
            "µs per finding",
            "target",
        ];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(self.documents.iter().map(Measured::row));
        let mut text = format!(
            "`{}` ({}), {} rounds; {}, load {} at the end.\n\n",
            self.command, self.at, self.rounds, self.processor, self.load
        );
        let _ = write!(text, "{}", table::align(&rows));
        text
    }
}

impl Measured {
    /// How many times as long as the plain parse.
    fn ratio(&self) -> f64 {
        paired_ratio(&self.read, &self.parse).unwrap_or(f64::INFINITY)
    }

    fn row(&self) -> Vec<String> {
        let middle = |values: &[f64]| median(values).unwrap_or_default() * 1e6;
        let ratio = self.ratio();
        let target = self.target.map(|most| {
            let verdict = if ratio <= most { "met" } else { "MISSED" };
            format!("≤ {most} ×: {verdict}")
        });
        vec![
            self.name.clone(),
            self.findings.to_string(),
            format!("{:.1}", self.bytes as f64 / 1024.0),
            format!("{:.1}", middle(&self.parse)),
            format!("{:.1}", middle(&self.read)),
            format!("{:.0} %", spread(&self.read).unwrap_or_default() * 100.0),
            format!("{ratio:.2}"),
            format!("{:.2}", middle(&self.read) / self.findings as f64),
            target.unwrap_or_default(),
        ]
    }
}
