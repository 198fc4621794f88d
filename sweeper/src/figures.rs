//! How much there is of what, as it was measured last.

use std::collections::BTreeMap;
use std::time::Duration;

use queue_core::{OutboxStats, Stats};
use serde::Serialize;

/// So many queues, and error classes of a state, have a series of their own; the rest is `other`.
pub(crate) const MOST_LABELS: usize = 100;
pub(crate) const OTHER: &str = "other";

/// What the statistics measured.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Figures {
    pub(crate) queues: Vec<QueueFigures>,
    pub(crate) dead_letters: Vec<DeadLetters>,
    pub(crate) outbox: OutboxFigures,
}

/// Of a queue, or of all that have no series of their own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueueFigures {
    pub(crate) queue: String,
    /// By state: ready, scheduled, waiting, running.
    pub(crate) depth: [(&'static str, u64); 4],
    pub(crate) oldest_ready: Duration,
}

/// Dead letters of a state that died of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadLetters {
    pub(crate) state: &'static str,
    pub(crate) error_class: String,
    pub(crate) letters: u32,
}

/// What is said of the outbox in health and in the log.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub(crate) struct OutboxFigures {
    /// Published and not sent yet: waiting, or under way.
    pub(crate) published: u64,
    /// Refused for good.
    pub(crate) failed: u32,
    /// Jobs that stopped and wait for an operator.
    pub(crate) dead: u32,
    /// Messages of which nobody knows whether they were sent.
    pub(crate) in_doubt: u32,
    /// How long the message has been due that is due longest.
    pub(crate) lag_seconds: f64,
}

impl Figures {
    pub(crate) fn of(stats: &Stats, outbox: &OutboxStats, letters: Vec<DeadLetters>) -> Self {
        let queues = stats.queues.iter().map(|queue| QueueFigures {
            queue: queue.queue.as_str().to_owned(),
            depth: [
                ("ready", queue.ready.counted.into()),
                ("scheduled", queue.scheduled.counted.into()),
                ("waiting", queue.waiting.counted.into()),
                ("running", queue.running.counted.into()),
            ],
            oldest_ready: queue.oldest_ready.unwrap_or_default(),
        });
        Self {
            queues: bounded_queues(queues.collect()),
            dead_letters: bounded_letters(letters),
            outbox: OutboxFigures {
                published: u64::from(outbox.pending.counted) + u64::from(outbox.sending.counted),
                failed: outbox.failed.counted,
                dead: stats.dead.counted,
                in_doubt: outbox.in_doubt.counted,
                lag_seconds: outbox.lag.unwrap_or_default().as_secs_f64(),
            },
        }
    }

    /// The line that says how things are.
    pub(crate) fn log(&self) {
        let OutboxFigures {
            published,
            failed,
            dead,
            in_doubt,
            lag_seconds,
        } = self.outbox;
        tracing::info!(published, failed, dead, in_doubt, lag_seconds, "statistics");
    }
}

impl QueueFigures {
    fn jobs(&self) -> u64 {
        self.depth.iter().map(|(_, jobs)| jobs).sum()
    }

    fn add(&mut self, other: &Self) {
        for ((_, jobs), (_, more)) in self.depth.iter_mut().zip(&other.depth) {
            *jobs += more;
        }
        self.oldest_ready = self.oldest_ready.max(other.oldest_ready);
    }
}

/// Those with the most jobs keep their names.
fn bounded_queues(mut queues: Vec<QueueFigures>) -> Vec<QueueFigures> {
    if queues.len() > MOST_LABELS {
        queues.sort_by_key(|queue| std::cmp::Reverse(queue.jobs()));
        let rest = queues.split_off(MOST_LABELS);
        let mut rest = rest.into_iter();
        if let Some(mut other) = rest.next() {
            OTHER.clone_into(&mut other.queue);
            rest.for_each(|queue| other.add(&queue));
            // A queue of that name would be the same series twice.
            match queues.iter_mut().find(|queue| queue.queue == OTHER) {
                Some(queue) => queue.add(&other),
                None => queues.push(other),
            }
        }
    }
    queues
}

/// Those that most died of keep their names, state by state.
fn bounded_letters(mut letters: Vec<DeadLetters>) -> Vec<DeadLetters> {
    letters.sort_by_key(|group| std::cmp::Reverse(group.letters));
    let mut kept: Vec<DeadLetters> = Vec::new();
    let mut named: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut others: BTreeMap<&'static str, u32> = BTreeMap::new();
    for group in letters {
        let count = named.entry(group.state).or_default();
        if *count < MOST_LABELS {
            *count += 1;
            kept.push(group);
        } else {
            *others.entry(group.state).or_default() += group.letters;
        }
    }
    kept.extend(others.into_iter().map(|(state, letters)| DeadLetters {
        state,
        error_class: OTHER.to_owned(),
        letters,
    }));
    kept
}

#[cfg(test)]
mod tests {
    use queue_core::{Count, QueueName, QueueStats};

    use super::*;

    #[test]
    fn a_flood_of_queues_stays_bounded_and_nothing_is_lost() {
        let queue = |n: u32| QueueStats {
            queue: QueueName::new(format!("q{n}")).unwrap(),
            ready: Count::up_to_cap(n),
            scheduled: Count::default(),
            waiting: Count::default(),
            running: Count::default(),
            oldest_ready: Some(Duration::from_secs(u64::from(1000 - n))),
            kinds: Vec::new(),
        };
        let stats = Stats {
            queues: (1..=500).map(queue).collect(),
            ..Stats::default()
        };
        let figures = Figures::of(&stats, &OutboxStats::default(), Vec::new());
        assert_eq!(figures.queues.len(), MOST_LABELS + 1);
        assert_eq!(figures.queues[0].queue, "q500");
        let jobs: u64 = figures.queues.iter().map(QueueFigures::jobs).sum();
        assert_eq!(jobs, (1..=500).sum::<u64>());
        let other = figures.queues.last().unwrap();
        assert_eq!(
            (other.queue.as_str(), other.oldest_ready),
            (OTHER, Duration::from_secs(999))
        );
    }

    #[test]
    fn a_flood_of_error_classes_stays_bounded_in_each_state() {
        let group = |state, n: u32| DeadLetters {
            state,
            error_class: format!("E{n}"),
            letters: n,
        };
        let letters = (1..=150).flat_map(|n| [group("open", n), group("escalated", n)]);
        let kept = bounded_letters(letters.collect());
        assert_eq!(kept.len(), 2 * (MOST_LABELS + 1));
        let all: u32 = kept.iter().map(|group| group.letters).sum();
        assert_eq!(all, 2 * (1..=150).sum::<u32>());
    }
}
