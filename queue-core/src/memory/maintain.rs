use std::collections::{BTreeMap, BTreeSet};

use super::state::State;
use crate::{
    ItemOutcome, JobId, LetterState, Maintained, Portion, QueueName, Retention, RetentionSort,
    RunId, RunState, Timestamp,
};

impl State {
    pub(super) fn maintain(
        &mut self,
        now: Timestamp,
        retention: &Retention,
        limit: u32,
    ) -> Maintained {
        let mut done = Maintained::default();
        for sort in RetentionSort::ALL {
            let portion = Portion {
                sort,
                limit,
                skip: 0,
            };
            let removed = self.maintain_sort(now, retention, portion);
            let more = done.more || removed.more;
            done = done.and(removed);
            done.more = more;
        }
        done
    }

    pub(super) fn maintain_sort(
        &mut self,
        now: Timestamp,
        retention: &Retention,
        portion: Portion,
    ) -> Maintained {
        let Portion { sort, limit, skip } = portion;
        let (limit, skip) = (limit as usize, skip as usize);
        let over = |queue: Option<&QueueName>, at: Timestamp| {
            let kept = retention.kept(sort, queue);
            kept.before(now).is_some_and(|before| at <= before)
        };
        let before = retention.kept(sort, None).before(now);
        let mut done = Maintained::default();
        let letters = |state: LetterState| {
            move |row: &super::state::Letter| {
                let queue = Some(&row.letter.job.queue);
                row.letter.state == state && over(queue, row.changed_at)
            }
        };
        match sort {
            RetentionSort::History => {
                done.history = prune(&mut self.history, (limit, skip), |job| {
                    job.finished_at.is_some_and(|at| over(Some(&job.queue), at))
                });
            }
            RetentionSort::ResolvedLetters => {
                let over = letters(LetterState::Resolved);
                done.dead_letters = prune(&mut self.letters, (limit, skip), over);
            }
            RetentionSort::DiscardedLetters => {
                let over = letters(LetterState::Discarded);
                done.dead_letters = prune(&mut self.letters, (limit, skip), over);
            }
            RetentionSort::Keys => done.keys = self.prune_keys(now, retention, (limit, skip)),
            RetentionSort::Subjects => {
                let old = self.subjects.iter();
                let old = old.filter(|(_, last)| over(None, last.at));
                let old = old.map(|(of, _)| of.clone()).skip(skip).take(limit);
                let old: Vec<_> = old.collect();
                for subject in &old {
                    self.subjects.remove(subject);
                }
                done.subjects = old.len() as u64;
            }
            RetentionSort::Notifications => {
                done.notifications =
                    before.map_or(0, |before| self.prune_notifications(before, (limit, skip)));
            }
            RetentionSort::Replays => {
                done.replays = before.map_or(0, |before| self.prune_runs(before, (limit, skip)));
            }
            RetentionSort::Suppressions => {
                done.suppressions = prune(&mut self.suppressions, (limit, skip), |row| {
                    row.expires_at.is_some_and(|at| over(None, at))
                });
            }
            // It is sealed first.
            RetentionSort::Audit => {}
        }
        self.stages
            .retain(|id, _| self.live.contains_key(id) || self.letters.contains_key(id));
        done.more = done.total() >= limit as u64 && limit > 0;
        done
    }

    fn prune_keys(
        &mut self,
        now: Timestamp,
        retention: &Retention,
        (limit, skip): (usize, usize),
    ) -> u64 {
        if let crate::Kept::For(cap) = retention.kept(RetentionSort::Keys, None) {
            for key in self.keys.values_mut() {
                key.until = key.until.min(now + cap);
            }
        }
        let forgotten = self.keys.iter();
        let forgotten = forgotten.filter(|(_, key)| !self.remembers(now, key));
        let forgotten: Vec<_> = forgotten
            .map(|(of, _)| of.clone())
            .skip(skip)
            .take(limit)
            .collect();
        for key in &forgotten {
            self.keys.remove(key);
        }
        forgotten.len() as u64
    }

    fn prune_notifications(&mut self, before: Timestamp, part: (usize, usize)) -> u64 {
        let linked: BTreeSet<_> = self.requirements.values().flatten().copied().collect();
        let pruned = prune(&mut self.notifications, part, |row| {
            row.state.is_settled() && row.created_at <= before && !linked.contains(&row.id)
        });
        self.intents
            .retain(|_, id| self.notifications.contains_key(id));
        self.events
            .retain(|id, _| self.notifications.contains_key(id));
        pruned
    }

    /// Items of ended runs, and runs that have none left. A run whose jobs still run is not over.
    fn prune_runs(&mut self, before: Timestamp, (limit, skip): (usize, usize)) -> u64 {
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
            .skip(skip)
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
    (limit, skip): (usize, usize),
    ended: impl Fn(&V) -> bool,
) -> u64 {
    let ids: Vec<_> = table
        .iter()
        .filter(|(_, row)| ended(row))
        .map(|(id, _)| *id)
        .skip(skip)
        .take(limit)
        .collect();
    for id in &ids {
        table.remove(id);
    }
    ids.len() as u64
}
