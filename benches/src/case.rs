//! A case: contestants that do the same work in turns.

use anyhow::{Context, Result};

use crate::contestant::Contestant;
use crate::record::{CaseRecord, Entry};
use crate::target::Target;
use crate::venue::{Engine, Venue};

/// The name of the store's own entry.
pub(crate) const OURS: &str = "Leasehold";

/// Contestants and what they are to reach.
#[derive(Debug)]
pub(crate) struct Case {
    engine: Engine,
    workload: &'static str,
    title: String,
    baseline: String,
    in_one_place: bool,
    contestants: Vec<(String, Option<Target>, Box<dyn Contestant>)>,
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
            in_one_place: false,
            contestants: Vec::new(),
        }
    }

    /// For contestants that only read: they share one database, which the first of them fills.
    pub(crate) fn in_one_place(mut self) -> Self {
        self.in_one_place = true;
        self
    }

    /// One more contestant.
    pub(crate) fn with(
        mut self,
        name: impl Into<String>,
        target: Option<Target>,
        contestant: impl Contestant + 'static,
    ) -> Self {
        self.contestants
            .push((name.into(), target, Box::new(contestant)));
        self
    }

    /// Leaves out all others.
    pub(crate) fn keep(&mut self, text: &str) {
        self.contestants.retain(|(name, ..)| name.contains(text));
    }

    pub(crate) fn workload(&self) -> &'static str {
        self.workload
    }

    /// Lets each have a turn, then each a second one, and so on: what the machine does meanwhile
    /// falls on all alike.
    pub(crate) async fn run(self, venue: &Venue, rounds: u32) -> Result<CaseRecord> {
        let heading = format!("{} {} {}", self.engine.name(), self.workload, self.title);
        let mut entries: Vec<Entry> = self
            .contestants
            .iter()
            .map(|(name, target, _)| Entry {
                name: name.clone(),
                target: *target,
                samples: Vec::new(),
            })
            .collect();
        let shared = match self.in_one_place {
            true => Some(venue.place(self.engine)?),
            false => None,
        };
        for round in 1..=rounds {
            for ((name, _, contestant), entry) in self.contestants.iter().zip(&mut entries) {
                let own = match shared {
                    Some(_) => None,
                    None => Some(venue.place(self.engine)?),
                };
                let place = shared.as_ref().or(own.as_ref()).context("no place")?;
                let sample = contestant
                    .run(place)
                    .await
                    .with_context(|| format!("{heading}: {name}"))?;
                eprintln!(
                    "{heading} [{round}/{rounds}] {name}: {:.1} k/s",
                    sample.rate() / 1000.0
                );
                entry.samples.push(sample);
            }
        }
        Ok(CaseRecord {
            engine: self.engine,
            workload: self.workload.to_owned(),
            title: self.title,
            baseline: self.baseline,
            entries,
        })
    }
}
