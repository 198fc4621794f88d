//! Many changes at once: a dry run unless it is said otherwise, and an end that can be gone on from.

use std::future::Future;

use clap::Args;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Change, ChangeKind};

/// Whether it is meant.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Consent {
    /// Do it; without, more than one change is only shown
    #[arg(long)]
    pub(crate) yes: bool,
}

impl Consent {
    /// Whether so many things are only to be looked at. Those that a filter found count as many.
    pub(crate) fn is_dry(self, targets: usize, filtered: bool) -> bool {
        !self.yes && (filtered || targets > 1)
    }
}

/// Many things, instead of ids one by one.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Many {
    /// All that the filter lets through, instead of ids
    #[arg(long)]
    all_matching: bool,
    /// All that there are, instead of ids or a filter
    #[arg(long, conflicts_with = "all_matching")]
    all: bool,
    #[command(flatten)]
    consent: Consent,
}

impl Many {
    /// The ids that were given, each once, or none where all that a filter lets through are meant. What would
    /// take everything for want of a filter says so.
    pub(crate) fn ids<T: Ord + Clone>(
        self,
        ids: &[T],
        filtered: bool,
    ) -> Result<Option<Vec<T>>, Failure> {
        match (self.all_matching, self.all, filtered) {
            (true, _, false) => Err(Failure::usage(
                "--all-matching wants a filter: without one it is everything; where that is meant, give --all",
            )),
            (_, true, true) => Err(Failure::usage(
                "a filter says nothing about --all: give --all-matching instead of it",
            )),
            (true, _, true) | (_, true, false) => Ok(None),
            (false, false, _) => named(ids, filtered).map(Some),
        }
    }

    /// Whether so many things are only to be looked at.
    pub(crate) fn is_dry(self, targets: usize) -> bool {
        self.consent.is_dry(targets, self.all_matching || self.all)
    }
}

/// The ids that were given, each once. A filter beside them would say nothing.
fn named<T: Ord + Clone>(ids: &[T], filtered: bool) -> Result<Vec<T>, Failure> {
    if filtered {
        return Err(Failure::usage(
            "a filter says nothing about ids: give --all-matching instead of them",
        ));
    }
    let mut ids = ids.to_vec();
    ids.sort();
    ids.dedup();
    Ok(ids)
}

/// Makes each change by itself, or asks what would become of it. After a signal the rest is left, and is
/// said to be.
pub(crate) async fn each<T, F>(
    desk: &Desk,
    command: &str,
    targets: &[T],
    dry_run: bool,
    mut change: impl FnMut(&T) -> F,
) -> Result<Answer, Failure>
where
    F: Future<Output = Result<Change, Failure>>,
{
    desk.stop.be_careful();
    let mut changes = Vec::with_capacity(targets.len());
    for target in targets {
        if desk.stop.look().await.is_some() {
            break;
        }
        match change(target).await {
            Ok(change) => changes.push(change),
            Err(failure) => return broken_off(desk, command, &changes, targets.len(), failure),
        }
    }
    let answer = report::changes(desk, command, &changes, dry_run)?;
    Ok(match desk.stop.asked() {
        Some(signal) if changes.len() < targets.len() => Answer {
            exit: signal.exit(),
            ..answer
        }
        .note(left(&signal.to_string(), &changes, targets.len())),
        _ => answer,
    })
}

/// What was done stands, and is told; the failure ends the rest.
fn broken_off(
    desk: &Desk,
    command: &str,
    changes: &[Change],
    all: usize,
    failure: Failure,
) -> Result<Answer, Failure> {
    if changes.is_empty() {
        return Err(failure);
    }
    let failure = desk.explained(failure);
    let answer = report::changes(desk, command, changes, false)?;
    Ok(Answer {
        exit: failure.exit,
        ..answer
    }
    .note(format!("error: {}", failure.message))
    .note(left("broken off", changes, all)))
}

fn left(why: &str, changes: &[Change], all: usize) -> String {
    let made = changes
        .iter()
        .filter(|change| change.kind == ChangeKind::Made)
        .count();
    format!(
        "{why} after {} of {all}, of which {made} were made; the same command again goes on with the rest, \
         and what is done is refused",
        changes.len()
    )
}
