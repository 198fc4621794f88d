//! What was measured, as it is kept.

use serde::{Deserialize, Serialize};

use crate::machine::Machine;
use crate::peers::Absence;
use crate::pressure::Minute;
use crate::statistics;
use crate::suite::Subject;
use crate::target::Target;
use crate::venue::Engine;

/// One run of a contestant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sample {
    pub(crate) jobs: u64,
    pub(crate) seconds: f64,
    /// Of single calls, where a call is one job.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) latency: Option<Latency>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) peak_mib: Option<f64>,
    /// Of one processor.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) cpu_percent: Option<f64>,
    /// What the store was asked for, where messages were delivered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) calls: Option<Calls>,
    /// Of a turn that lasts many.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) minutes: Vec<Minute>,
}

impl Sample {
    /// So many jobs in so much time.
    pub(crate) fn new(jobs: u64, took: std::time::Duration) -> Self {
        Self {
            jobs,
            seconds: took.as_secs_f64(),
            latency: None,
            peak_mib: None,
            cpu_percent: None,
            calls: None,
            minutes: Vec::new(),
        }
    }

    pub(crate) fn rate(&self) -> f64 {
        self.jobs as f64 / self.seconds
    }
}

/// How long calls took, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Latency {
    pub(crate) p50_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) p95_ms: Option<f64>,
    pub(crate) p99_ms: f64,
}

impl Latency {
    /// From microseconds, in any order.
    pub(crate) fn of(mut micros: Vec<u64>) -> Option<Self> {
        micros.sort_unstable();
        let ms = |share| statistics::percentile(&micros, share).map(|us| us as f64 / 1000.0);
        Some(Self {
            p50_ms: ms(0.5)?,
            p95_ms: ms(0.95),
            p99_ms: ms(0.99)?,
        })
    }
}

/// What a deliverer asked its store for.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Calls {
    pub(crate) lease: Call,
    pub(crate) note: Call,
    pub(crate) mark: Call,
}

/// How often, and how long the answers took in all.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) count: u64,
    pub(crate) seconds: f64,
}

/// All runs of a contestant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) target: Option<Target>,
    pub(crate) samples: Vec<Sample>,
    /// Why it did not go on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) failed: Option<String>,
}

/// Contestants that took turns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CaseRecord {
    pub(crate) engine: Engine,
    /// `W1` and so on.
    pub(crate) workload: String,
    pub(crate) title: String,
    /// The name of the entry that ratios are to.
    pub(crate) baseline: String,
    pub(crate) entries: Vec<Entry>,
}

/// How a database looks for jobs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) engine: Engine,
    /// File and name of the statement.
    pub(crate) statement: String,
    /// How many jobs were queued.
    pub(crate) rows: u64,
    pub(crate) text: String,
}

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// What was measured; of the stores in files that do not say it.
    #[serde(default)]
    pub(crate) subject: Subject,
    pub(crate) command: String,
    pub(crate) commit: String,
    pub(crate) at: String,
    pub(crate) rounds: u32,
    pub(crate) machine: Machine,
    pub(crate) cases: Vec<CaseRecord>,
    pub(crate) plans: Vec<Plan>,
    /// Who was to take part and could not.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) absent: Vec<Absence>,
}

/// One contestant's line in a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Figures {
    pub(crate) rate: f64,
    pub(crate) spread: Option<f64>,
    pub(crate) ratio: Option<f64>,
    pub(crate) p50_ms: Option<f64>,
    /// How many times the baseline's.
    pub(crate) p50_times: Option<f64>,
    pub(crate) p95_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    /// How many times the baseline's.
    pub(crate) p99_times: Option<f64>,
    pub(crate) peak_mib: Option<f64>,
    pub(crate) cpu_percent: Option<f64>,
    /// How many times as long claims took at the end as at the beginning.
    pub(crate) growth: Option<f64>,
}

impl CaseRecord {
    /// Who missed the target, each in a line.
    fn missed(&self) -> Vec<String> {
        let missed = self.entries.iter().filter_map(|entry| {
            let target = entry.target.filter(|it| !it.is_met(&self.figures(entry)))?;
            let (engine, workload) = (self.engine.name(), &self.workload);
            let (title, name, target) = (&self.title, &entry.name, target.text());
            Some(format!("{engine}, {workload}, {title}, {name}: {target}"))
        });
        missed.collect()
    }

    /// The medians of an entry, and its ratio to the baseline.
    pub(crate) fn figures(&self, entry: &Entry) -> Figures {
        let of = |entry: &Entry, pick: fn(&Sample) -> Option<f64>| {
            let values: Vec<f64> = entry.samples.iter().filter_map(pick).collect();
            statistics::median(&values)
        };
        let over = |pick| of(entry, pick);
        let p50_ms = |sample: &Sample| sample.latency.map(|latency| latency.p50_ms);
        let p99_ms = |sample: &Sample| sample.latency.map(|latency| latency.p99_ms);
        let rates = |entry: &Entry| entry.samples.iter().map(Sample::rate).collect::<Vec<_>>();
        let own = rates(entry);
        let baseline = self.entries.iter().find(|e| e.name == self.baseline);
        let times = |pick| Some(over(pick)? / of(baseline?, pick)?);
        Figures {
            rate: statistics::median(&own).unwrap_or_default(),
            spread: statistics::spread(&own),
            ratio: baseline.and_then(|base| statistics::paired_ratio(&own, &rates(base))),
            p50_ms: over(p50_ms),
            p50_times: times(p50_ms),
            p95_ms: over(|sample| sample.latency.and_then(|latency| latency.p95_ms)),
            p99_ms: over(p99_ms),
            p99_times: times(p99_ms),
            peak_mib: over(|sample| sample.peak_mib),
            cpu_percent: over(|sample| sample.cpu_percent),
            growth: over(Minute::growth),
        }
    }
}

impl Record {
    /// Who missed the target, each in a line.
    pub(crate) fn missed(&self) -> Vec<String> {
        self.cases.iter().flat_map(CaseRecord::missed).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn figures_are_medians_and_the_ratio_is_to_the_baseline() {
        let sample = |jobs| Sample::new(jobs, Duration::from_secs(1));
        let entry = |name: &str, jobs: [u64; 3]| Entry {
            name: name.to_owned(),
            target: None,
            samples: jobs.map(sample).to_vec(),
            failed: None,
        };
        let case = CaseRecord {
            engine: Engine::Sqlite,
            workload: "W1".to_owned(),
            title: "1 producer".to_owned(),
            baseline: "raw".to_owned(),
            entries: vec![entry("ours", [90, 40, 80]), entry("raw", [100, 50, 100])],
        };
        let figures = case.figures(&case.entries[0]);
        assert_eq!(figures.rate, 80.0);
        assert_eq!(figures.ratio, Some(0.8));
        assert_eq!(figures.p99_ms, None);
        assert_eq!(case.figures(&case.entries[1]).ratio, Some(1.0));
    }

    #[test]
    fn only_what_is_wanted_and_not_reached_is_missed() {
        let entry = |name: &str, target| Entry {
            name: name.to_owned(),
            target,
            failed: None,
            samples: vec![Sample::new(50, Duration::from_secs(1))],
        };
        let rate = |rate| {
            Some(Target {
                rate: Some(rate),
                ..Target::default()
            })
        };
        let case = CaseRecord {
            engine: Engine::Sqlite,
            workload: "W1".to_owned(),
            title: "1 producer".to_owned(),
            baseline: "raw".to_owned(),
            entries: vec![
                entry("raw", None),
                entry("met", rate(50.0)),
                entry("not met", rate(51_000.0)),
            ],
        };
        assert_eq!(case.missed(), ["SQLite, W1, 1 producer, not met: ≥ 51 k/s"]);
    }

    #[test]
    fn latencies_are_in_milliseconds() {
        let latency = Latency::of(vec![3000, 1000, 2000]).unwrap();
        assert_eq!((latency.p50_ms, latency.p99_ms), (2.0, 3.0));
        assert_eq!(Latency::of(vec![]), None);
    }
}
