use std::collections::{BTreeMap, BTreeSet};

use super::state::State;
use crate::{
    ItemOutcome, JobId, LetterState, Maintained, QueueName, Retention, RetentionSort, RunId,
    RunState, Timestamp,
};

impl State {
    pub(super) fn maintain(
        &mut self,
        now: Timestamp,
        retention: &Retention,
        limit: u32,
    ) -> Maintained {
        let limit = limit as usize;
        let over = |sort: RetentionSort, queue: Option<&QueueName>, at: Timestamp| {
            let kept = retention.kept(sort, queue);
            kept.before(now).is_some_and(|before| at <= before)
        };
        let history = prune(&mut self.history, limit, |job| {
            let queue = Some(&job.queue);
            job.finished_at
                .is_some_and(|at| over(RetentionSort::History, queue, at))
        });
        let dead_letters = prune(&mut self.letters, limit, |row| {
            let queue = Some(&row.letter.job.queue);
            match row.letter.state {
                LetterState::Resolved => {
                    over(RetentionSort::ResolvedLetters, queue, row.changed_at)
                }
                LetterState::Discarded => {
                    over(RetentionSort::DiscardedLetters, queue, row.changed_at)
                }
                _ => false,
            }
        });
        let keys = self.prune_keys(now, retention, limit);
        let old = self.subjects.iter();
        let old = old.filter(|(_, last)| over(RetentionSort::Subjects, None, last.at));
        let old: Vec<_> = old.map(|(of, _)| of.clone()).take(limit).collect();
        for subject in &old {
            self.subjects.remove(subject);
        }
        let before = |sort| retention.kept(sort, None).before(now);
        let notifications = before(RetentionSort::Notifications)
            .map_or(0, |before| self.prune_notifications(before, limit));
        let replays =
            before(RetentionSort::Replays).map_or(0, |before| self.prune_runs(before, limit));
        let suppressions = prune(&mut self.suppressions, limit, |row| {
            row.expires_at
                .is_some_and(|at| over(RetentionSort::Suppressions, None, at))
        });
        self.stages
            .retain(|id, _| self.live.contains_key(id) || self.letters.contains_key(id));
        let mut done = Maintained {
            history,
            keys,
            notifications,
            dead_letters,
            subjects: old.len() as u64,
            replays,
            suppressions,
            more: false,
        };
        let sorts = [
            history,
            keys,
            notifications,
            dead_letters,
            done.subjects,
            replays,
            suppressions,
        ];
        done.more = sorts.into_iter().any(|count| count >= limit as u64);
        done
    }

    fn prune_keys(&mut self, now: Timestamp, retention: &Retention, limit: usize) -> u64 {
        if let crate::Kept::For(cap) = retention.kept(RetentionSort::Keys, None) {
            for key in self.keys.values_mut() {
                key.until = key.until.min(now + cap);
            }
        }
        let forgotten = self.keys.iter();
        let forgotten = forgotten.filter(|(_, key)| !self.remembers(now, key));
        let forgotten: Vec<_> = forgotten.map(|(of, _)| of.clone()).take(limit).collect();
        for key in &forgotten {
            self.keys.remove(key);
        }
        forgotten.len() as u64
    }

    fn prune_notifications(&mut self, before: Timestamp, limit: usize) -> u64 {
        let linked: BTreeSet<_> = self.requirements.values().flatten().copied().collect();
        let pruned = prune(&mut self.notifications, limit, |row| {
            row.state.is_settled() && row.created_at <= before && !linked.contains(&row.id)
        });
        self.intents
            .retain(|_, id| self.notifications.contains_key(id));
        self.events
            .retain(|id, _| self.notifications.contains_key(id));
        pruned
    }

    /// Items of ended runs, and runs that have none left. A run whose jobs still run is not over.
    fn prune_runs(&mut self, before: Timestamp, limit: usize) -> u64 {
        let waited_for: BTreeSet<RunId> = self
            .items
            .iter()
            .filter(|(_, item)| item.outcome == ItemOutcome::Running)
            .map(|((run, _), _)| *run)
            .collect();
        let over: BTreeSet<RunId> = self
            .runs
            .values()
            .filter(|run| run.state != RunState::Running && !waited_for.contains(&run.id))
            .filter(|run| run.ended_at.is_some_and(|at| at <= before))
            .map(|run| run.id)
            .collect();
        let items: Vec<(RunId, JobId)> = self
            .items
            .keys()
            .filter(|(run, _)| over.contains(run))
            .take(limit)
            .copied()
            .collect();
        for item in &items {
            self.items.remove(item);
        }
        let left: BTreeSet<RunId> = self.items.keys().map(|(run, _)| *run).collect();
        self.runs
            .retain(|id, _| !over.contains(id) || left.contains(id));
        items.len() as u64
    }
}

fn prune<K: Ord + Copy, V>(
    table: &mut BTreeMap<K, V>,
    limit: usize,
    ended: impl Fn(&V) -> bool,
) -> u64 {
    let ids: Vec<_> = table
        .iter()
        .filter(|(_, row)| ended(row))
        .map(|(id, _)| *id)
        .take(limit)
        .collect();
    for id in &ids {
        table.remove(id);
    }
    ids.len() as u64
}
