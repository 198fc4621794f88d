//! What must hold, whatever was killed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use anyhow::Result;
use queue_core::{Notification, NotificationState, Store};
use review_service::request::subject;

use crate::ledger::{Entry, Ledger};

/// Something that must hold, and where it does not.
#[derive(Debug)]
pub(crate) struct Expectation {
    pub(crate) what: &'static str,
    pub(crate) broken: Vec<String>,
}

impl Expectation {
    fn of(what: &'static str, broken: impl Iterator<Item = String>) -> Self {
        Self {
            what,
            broken: broken.collect(),
        }
    }

    pub(crate) fn holds(&self) -> bool {
        self.broken.is_empty()
    }
}

/// All of them.
pub(crate) async fn all(ledger: &Ledger, store: &dyn Store) -> Result<Vec<Expectation>> {
    let ended = ledger.entries.iter().filter(|entry| !entry.has_ended());
    let otherwise = ledger
        .entries
        .iter()
        .filter(|entry| entry.succeeded() != entry.asked.change.is_reviewed());
    Ok(vec![
        Expectation::of("each request became one job", shared_jobs(ledger)),
        Expectation::of("each job has ended", ended.map(told)),
        Expectation::of("each ended as its change leads to", otherwise.map(told)),
        Expectation::of(
            "each death has a letter, and nothing else has",
            wrong_letters(ledger),
        ),
        Expectation::of(
            "each review says what the kept answer says",
            other_reviews(ledger),
        ),
        Expectation::of(
            "each review is told to each of its recipients, once",
            wrong_rows(ledger),
        ),
        Expectation::of(
            "each mail that is marked as sent has arrived",
            missing(ledger),
        ),
        Expectation::of(
            "a mail came twice only where nobody could know whether it had come",
            doubled(ledger, store).await?.into_iter(),
        ),
    ])
}

fn told(entry: &Entry) -> String {
    let change = &entry.asked.change;
    let failure = entry.job.failure.as_ref();
    format!(
        "change {} ({:?}, {:?}) is {}{}",
        change.changelist,
        change.depot,
        change.model,
        entry.job.state.as_str(),
        failure.map_or_else(String::new, |failure| format!(
            ": {}, {}",
            failure.class, failure.message
        )),
    )
}

fn shared_jobs(ledger: &Ledger) -> impl Iterator<Item = String> {
    let mut seen = HashSet::new();
    ledger.entries.iter().filter_map(move |entry| {
        let job = entry.asked.job;
        (!seen.insert(job)).then(|| format!("job {job} is of two changes"))
    })
}

fn wrong_letters(ledger: &Ledger) -> impl Iterator<Item = String> {
    let letters: BTreeSet<_> = ledger.letters.iter().map(|letter| letter.job.id).collect();
    let dead = ledger.entries.iter().filter(|entry| !entry.succeeded());
    let dead: BTreeSet<_> = dead.map(|entry| entry.job.id).collect();
    let wrong: Vec<_> = letters.symmetric_difference(&dead).copied().collect();
    wrong.into_iter().map(|job| format!("job {job}"))
}

fn other_reviews(ledger: &Ledger) -> impl Iterator<Item = String> {
    ledger
        .entries
        .iter()
        .filter(|entry| entry.succeeded())
        .filter_map(|entry| {
            let told = entry
                .outcome
                .as_ref()
                .map(|outcome| (outcome.findings, outcome.dropped));
            let answer = entry.answer.as_ref();
            let kept = answer.map(|answer| (answer.findings().len(), answer.items().dropped));
            let same = told.is_some() && told == kept;
            (!same).then(|| {
                format!(
                    "change {}: {told:?}, {kept:?}",
                    entry.asked.change.changelist
                )
            })
        })
}

fn wrong_rows(ledger: &Ledger) -> impl Iterator<Item = String> {
    let mut rows: BTreeMap<&str, Vec<&Notification>> = BTreeMap::new();
    for row in &ledger.notifications {
        rows.entry(row.intent.subject.as_str())
            .or_default()
            .push(row);
    }
    ledger.entries.iter().filter_map(move |entry| {
        let subject = subject(entry.asked.change.changelist);
        let rows = rows.get(subject.as_str()).map_or(&[][..], Vec::as_slice);
        let sent = rows
            .iter()
            .filter(|row| row.state == NotificationState::Sent);
        let mut sent: Vec<&str> = sent.map(|row| row.goes_to().as_str()).collect();
        let mut wanted: Vec<&str> = entry.asked.recipients.iter().map(String::as_str).collect();
        if !entry.succeeded() {
            wanted.clear();
        }
        sent.sort_unstable();
        wanted.sort_unstable();
        let right = sent == wanted && rows.len() == wanted.len();
        (!right).then(|| format!("{subject}: {} of {} were sent", sent.len(), wanted.len()))
    })
}

fn missing(ledger: &Ledger) -> impl Iterator<Item = String> {
    let arrived: HashSet<(String, String)> = ledger
        .mails_by_id()
        .iter()
        .flat_map(|(id, mails)| {
            mails
                .iter()
                .map(|mail| (key(id).to_owned(), mail.to.join(",")))
        })
        .collect();
    let sent = ledger
        .notifications
        .iter()
        .filter(|row| row.state == NotificationState::Sent);
    sent.filter_map(move |row| {
        let wanted = (row.provider_key.clone(), row.goes_to().as_str().to_owned());
        (!arrived.contains(&wanted)).then(|| format!("notification {}", row.id))
    })
}

/// What a mail is known by is what stands before the `@` of its `Message-ID`.
fn key(message_id: &str) -> &str {
    message_id.split('@').next().unwrap_or_default()
}

async fn doubled(ledger: &Ledger, store: &dyn Store) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for (id, mails) in ledger.mails_by_id() {
        if mails.len() < 2 {
            continue;
        }
        let row = ledger
            .notifications
            .iter()
            .find(|row| row.provider_key == key(id));
        let Some(row) = row else {
            wrong.push(format!("mail {id} is of no notification"));
            continue;
        };
        let events = store.delivery_events(row.id).await?;
        let doubted = |event: &queue_core::DeliveryEvent| event.state == NotificationState::InDoubt;
        if !events.iter().any(doubted) {
            wrong.push(format!("notification {}", row.id));
        }
    }
    Ok(wrong)
}
