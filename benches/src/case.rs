//! A case: contestants that do the same work in turns.

use anyhow::{Context, Result};

use crate::contestant::Contestant;
use crate::record::{CaseRecord, Entry, Sample};
use crate::statistics;
use crate::target::Target;
use crate::venue::{Engine, Venue};

/// The name of the store's own entry.
pub(crate) const OURS: &str = "Leasehold";

/// What makes a rival the best of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Best {
    /// The most jobs per second.
    Rate,
    /// The shortest time that 99 of 100 did not exceed.
    P99,
}

/// Who takes turns.
#[derive(Debug)]
struct Participant {
    name: String,
    target: Option<Target>,
    /// Not ours: if it fails, that is a result, and the others go on.
    is_rival: bool,
    contestant: Box<dyn Contestant>,
}

/// Contestants and what they are to reach.
#[derive(Debug)]
pub(crate) struct Case {
    engine: Engine,
    workload: &'static str,
    title: String,
    baseline: String,
    best: Option<Best>,
    in_one_place: bool,
    participants: Vec<Participant>,
}

impl Case {
    /// Without contestants yet.
    pub(crate) fn new(
        engine: Engine,
        workload: &'static str,
        title: impl Into<String>,
        baseline: impl Into<String>,
    ) -> Self {
        Self {
            engine,
            workload,
            title: title.into(),
            baseline: baseline.into(),
            best: None,
            in_one_place: false,
            participants: Vec::new(),
        }
    }

    /// For contestants that only read: they share one database, which the first of them fills.
    pub(crate) fn in_one_place(mut self) -> Self {
        self.in_one_place = true;
        self
    }

    /// Ratios are to the best of the rivals, whoever that will be.
    pub(crate) fn against_the_best(mut self, best: Best) -> Self {
        self.best = Some(best);
        self
    }

    /// One more contestant.
    pub(crate) fn with(
        mut self,
        name: impl Into<String>,
        target: Option<Target>,
        contestant: impl Contestant + 'static,
    ) -> Self {
        self.participants.push(Participant {
            name: name.into(),
            target,
            is_rival: false,
            contestant: Box::new(contestant),
        });
        self
    }

    /// One more that is not ours.
    pub(crate) fn with_rival(
        mut self,
        name: impl Into<String>,
        contestant: impl Contestant + 'static,
    ) -> Self {
        self.participants.push(Participant {
            name: name.into(),
            target: None,
            is_rival: true,
            contestant: Box::new(contestant),
        });
        self
    }

    /// Leaves out all others.
    pub(crate) fn keep(&mut self, text: &str) {
        self.participants
            .retain(|participant| participant.name.contains(text));
    }

    pub(crate) fn workload(&self) -> &'static str {
        self.workload
    }

    /// Lets each have a turn, then each a second one, and so on: what the machine does meanwhile
    /// falls on all alike.
    pub(crate) async fn run(self, venue: &Venue, rounds: u32) -> Result<CaseRecord> {
        let heading = format!("{} {} {}", self.engine.name(), self.workload, self.title);
        let mut entries: Vec<Entry> = self
            .participants
            .iter()
            .map(|participant| Entry {
                name: participant.name.clone(),
                target: participant.target,
                samples: Vec::new(),
                failed: None,
            })
            .collect();
        let shared = match self.in_one_place {
            true => Some(venue.place(self.engine)?),
            false => None,
        };
        for round in 1..=rounds {
            for (participant, entry) in self.participants.iter().zip(&mut entries) {
                if entry.failed.is_some() {
                    continue;
                }
                let name = &participant.name;
                let own = match shared {
                    Some(_) => None,
                    None => Some(venue.place(self.engine)?),
                };
                let place = shared.as_ref().or(own.as_ref()).context("no place")?;
                let sample = match participant.contestant.run(place).await {
                    Ok(sample) => sample,
                    Err(error) if participant.is_rival => {
                        eprintln!("{heading} [{round}/{rounds}] {name}: failed: {error:#}");
                        entry.failed = Some(format!("{error:#}"));
                        continue;
                    }
                    Err(error) => return Err(error.context(format!("{heading}: {name}"))),
                };
                eprintln!(
                    "{heading} [{round}/{rounds}] {name}: {:.1} k/s",
                    sample.rate() / 1000.0
                );
                entry.samples.push(sample);
            }
        }
        let rivals = self
            .participants
            .iter()
            .zip(&entries)
            .filter(|(participant, _)| participant.is_rival)
            .map(|(_, entry)| entry);
        let baseline = match self.best {
            Some(best) => best.of(rivals).unwrap_or_default(),
            None => self.baseline,
        };
        Ok(CaseRecord {
            engine: self.engine,
            workload: self.workload.to_owned(),
            title: self.title,
            baseline,
            entries,
        })
    }
}

impl Best {
    /// The name of the best of some.
    fn of<'e>(self, entries: impl Iterator<Item = &'e Entry>) -> Option<String> {
        let score = |entry: &Entry| {
            let values: Vec<f64> = match self {
                Self::Rate => entry.samples.iter().map(Sample::rate).collect(),
                Self::P99 => {
                    let latencies = entry.samples.iter().filter_map(|sample| sample.latency);
                    latencies.map(|latency| -latency.p99_ms).collect()
                }
            };
            statistics::median(&values)
        };
        entries
            .filter_map(|entry| Some((score(entry)?, entry.name.clone())))
            .max_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::record::Latency;

    #[test]
    fn the_best_is_the_fastest_or_the_one_with_the_shortest_wait() {
        let entry = |name: &str, jobs, p99_ms| Entry {
            name: name.to_owned(),
            target: None,
            samples: vec![Sample {
                latency: Some(Latency {
                    p50_ms: 0.1,
                    p95_ms: None,
                    p99_ms,
                }),
                ..Sample::new(jobs, Duration::from_secs(1))
            }],
            failed: None,
        };
        let failed = Entry {
            samples: Vec::new(),
            ..entry("failed", 1, 1.0)
        };
        let entries = [entry("fast", 900, 5.0), entry("soon", 100, 2.0), failed];
        assert_eq!(Best::Rate.of(entries.iter()).as_deref(), Some("fast"));
        assert_eq!(Best::P99.of(entries.iter()).as_deref(), Some("soon"));
        assert_eq!(Best::Rate.of([].iter()), None);
    }
}
