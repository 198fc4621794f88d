//! What came of it, as the database and the mail server have it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use queue_core::{
    DeadLetter, JobId, JobState, JobView, LetterFilter, Notification, NotificationState, Page,
    Store,
};
use review_service::artifacts::{Artifact, Artifacts};
use review_service::config::ServiceConfig;
use review_service::pipeline::Outcome;
use review_service::review::{AnswerContract, Checked};
use review_service::stand_in::mail::{self, TakenMail};
use serde::Serialize;

use crate::asking::Asked;

const PAGE: u32 = 1000;

/// Everything that is counted.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) entries: Vec<Entry>,
    pub(crate) letters: Vec<DeadLetter>,
    pub(crate) notifications: Vec<Notification>,
    pub(crate) mails: Vec<TakenMail>,
}

/// A change and what became of it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) asked: Asked,
    pub(crate) job: JobView,
    /// What was told of the review.
    pub(crate) outcome: Option<Outcome>,
    /// The model's answer as it was kept, read once more.
    pub(crate) answer: Option<Checked>,
}

/// What is the same for every demonstration of a seed, whatever was killed.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub(crate) jobs: BTreeMap<&'static str, usize>,
    pub(crate) findings: usize,
    pub(crate) dropped: usize,
    pub(crate) diagnostics: BTreeMap<&'static str, usize>,
    pub(crate) notifications: BTreeMap<&'static str, usize>,
    pub(crate) mails: usize,
    pub(crate) dead_letters: BTreeMap<String, usize>,
}

impl Ledger {
    pub(crate) async fn read(
        asked: Vec<Asked>,
        store: &dyn Store,
        config: &ServiceConfig,
        mails: &Path,
    ) -> Result<Self> {
        let artifacts = Artifacts::open(&config.artifacts)?;
        let contract = AnswerContract::new(&config.versions)?;
        let mut entries = Vec::new();
        for asked in asked {
            let job = store.job(asked.job).await?;
            let job = job.with_context(|| format!("job {} is lost", asked.job))?;
            let answer = artifacts.get(asked.job, Artifact::RawAnswer)?;
            let answer = answer.map(|answer| contract.check(answer, &asked.change.paths(), None));
            let outcome = job.result.as_ref();
            let outcome = outcome.map(|result| serde_json::from_slice(result.bytes()));
            entries.push(Entry {
                outcome: outcome.transpose()?,
                asked,
                job,
                answer,
            });
        }
        Ok(Self {
            entries,
            letters: letters(store).await?,
            notifications: notifications(store).await?,
            mails: mail::taken(mails)?,
        })
    }

    /// Mails by what identifies each.
    pub(crate) fn mails_by_id(&self) -> BTreeMap<&str, Vec<&TakenMail>> {
        let mut by_id: BTreeMap<&str, Vec<&TakenMail>> = BTreeMap::new();
        for mail in &self.mails {
            by_id
                .entry(mail.message_id().unwrap_or_default())
                .or_default()
                .push(mail);
        }
        by_id
    }

    /// Attempts beside the first one of each job.
    pub(crate) fn started_again(&self) -> i64 {
        let starts: i64 = self.entries.iter().map(|entry| entry.job.fence.get()).sum();
        starts - i64::try_from(self.entries.len()).unwrap_or(i64::MAX)
    }

    /// When the last of these ended.
    pub(crate) fn last_end(&self, of: &[JobId]) -> Option<queue_core::Timestamp> {
        let these = self
            .entries
            .iter()
            .filter(|entry| of.contains(&entry.job.id));
        these.filter_map(|entry| entry.job.finished_at).max()
    }

    pub(crate) fn totals(&self) -> Totals {
        let outcomes = || {
            self.entries
                .iter()
                .filter_map(|entry| entry.outcome.as_ref())
        };
        let answers = self
            .entries
            .iter()
            .filter_map(|entry| entry.answer.as_ref());
        let diagnostics = answers.flat_map(Checked::diagnostics);
        Totals {
            jobs: counted(self.entries.iter().map(|entry| entry.job.state.as_str())),
            findings: outcomes().map(|outcome| outcome.findings).sum(),
            dropped: outcomes().map(|outcome| outcome.dropped).sum(),
            diagnostics: counted(diagnostics.map(|diagnostic| diagnostic.code.as_str())),
            notifications: counted(self.notifications.iter().map(|row| row.state.as_str())),
            mails: self.mails_by_id().len(),
            dead_letters: counted(self.letters.iter().map(cause)),
        }
    }
}

impl Entry {
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.job.state, JobState::Succeeded | JobState::Dead)
    }

    pub(crate) fn succeeded(&self) -> bool {
        self.job.state == JobState::Succeeded
    }
}

/// Of what a job died: its class, and what a contract said.
fn cause(letter: &DeadLetter) -> String {
    let class = letter
        .job
        .failure
        .as_ref()
        .map_or("UNKNOWN", |failure| failure.class.as_str());
    match &letter.reason {
        Some(reason) => format!("{class}, {}", reason.as_str()),
        None => class.to_owned(),
    }
}

fn counted<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

async fn letters(store: &dyn Store) -> Result<Vec<DeadLetter>> {
    let mut all: Vec<DeadLetter> = Vec::new();
    let mut page = Page::first(PAGE)?;
    loop {
        let found = store.dead_letters(&LetterFilter::default(), page).await?;
        let Some(last) = found.last() else {
            return Ok(all);
        };
        page = page.after(last.job.id.get());
        all.extend(found);
    }
}

async fn notifications(store: &dyn Store) -> Result<Vec<Notification>> {
    let mut all: Vec<Notification> = Vec::new();
    for state in NotificationState::ALL {
        let mut page = Page::first(PAGE)?;
        loop {
            let found = store.notifications(state, page).await?;
            let Some(last) = found.last() else { break };
            page = page.after(last.id.get());
            all.extend(found);
        }
    }
    Ok(all)
}
