//! How much there is of what, for metrics, for health and for the log.

use std::time::Instant;

use async_trait::async_trait;
use queue_core::{GroupBy, LetterFilter, LetterState, StoreError};

use super::{Pass, Passed};
use crate::figures::{DeadLetters, Figures};
use crate::scene::Scene;

/// Letters that somebody has to do something about, or is doing it. Those that are over only grow in number.
const WAITING: [LetterState; 3] = [
    LetterState::Open,
    LetterState::Escalated,
    LetterState::Replaying,
];

#[derive(Debug, Default)]
pub(super) struct Statistics {
    logged: Option<Instant>,
}

#[async_trait]
impl Pass for Statistics {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        let stats = scene.store.stats().await?;
        scene.moved();
        let outbox = scene.store.outbox_stats().await?;
        scene.moved();
        let mut letters = Vec::new();
        for state in WAITING {
            let filter = LetterFilter {
                state: Some(state),
                ..LetterFilter::default()
            };
            let groups = scene
                .store
                .letter_groups(&filter, GroupBy::ErrorClass)
                .await?;
            scene.moved();
            letters.extend(groups.groups.into_iter().map(|group| DeadLetters {
                state: state.as_str(),
                error_class: group.value,
                letters: group.letters,
            }));
        }
        outbox.gauge();
        let figures = Figures::of(&stats, &outbox, letters);
        let log_every = scene.settings().sweeper.log_every.get();
        if log_every.is_some_and(|every| self.logged.is_none_or(|at| at.elapsed() >= every)) {
            self.logged = Some(Instant::now());
            figures.log();
        }
        let rows = figures.queues.len();
        scene.measured(figures);
        Ok(Passed::rows(rows))
    }
}
