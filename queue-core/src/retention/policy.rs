//! All rules together.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Kept, RetentionRule, RetentionSort, Share, ShareOf};
use crate::QueueName;

/// How long what is kept after its end: rules, over what holds without any.
///
/// A rule of a queue comes before one of all queues, and that before the [default].
///
/// ```
/// use queue_core::memory::MemoryStore;
/// use queue_core::{JobStore, Kept, QueueName, Retention, RetentionRule, RetentionSort};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::default();
/// let mail = QueueName::new("mail")?;
/// let week = RetentionRule::new(RetentionSort::History, Some(mail.clone()), Kept::days(7))?;
/// let retention = Retention::default().with(week);
/// assert_eq!(retention.kept(RetentionSort::History, Some(&mail)), Kept::days(7));
/// assert_eq!(retention.kept(RetentionSort::History, None), Kept::days(30));
/// let removed = store.maintain(&retention, 1000).await?;
/// assert_eq!(removed.history, 0, "nothing is that old yet");
/// # Ok(())
/// # }
/// ```
///
/// [default]: RetentionSort::kept_by_default
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retention {
    rules: BTreeMap<(RetentionSort, Option<QueueName>), Kept>,
}

/// Which rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The queue's own.
    Queue,
    /// The one for all queues.
    All,
    /// None: it is the default.
    Default,
}

impl Origin {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::All => "all",
            Self::Default => "default",
        }
    }
}

impl Retention {
    /// From rules; of two on the same the last counts.
    pub fn of(rules: impl IntoIterator<Item = RetentionRule>) -> Self {
        rules.into_iter().fold(Self::default(), Self::with)
    }

    /// With one rule more, in the place of one on the same.
    #[must_use]
    pub fn with(mut self, rule: RetentionRule) -> Self {
        let RetentionRule { sort, queue, kept } = rule;
        self.rules.insert((sort, queue), kept);
        self
    }

    /// Keeps a sort this long in all queues that have no rule of their own: for programs, which may mean
    /// less than a minute.
    #[must_use]
    pub fn keeping(mut self, sort: RetentionSort, span: Duration) -> Self {
        self.rules.insert((sort, None), Kept::For(span));
        self
    }

    /// Without the rule on this.
    #[must_use]
    pub fn without(mut self, sort: RetentionSort, queue: Option<&QueueName>) -> Self {
        self.rules.remove(&(sort, queue.cloned()));
        self
    }

    /// What was set on exactly this.
    #[must_use]
    pub fn rule(&self, sort: RetentionSort, queue: Option<&QueueName>) -> Option<Kept> {
        self.rules.get(&(sort, queue.cloned())).copied()
    }

    /// All rules, by sort and queue, those for all queues first.
    pub fn rules(&self) -> impl Iterator<Item = (RetentionSort, Option<&QueueName>, Kept)> {
        let rules = self.rules.iter();
        rules.map(|((sort, queue), kept)| (*sort, queue.as_ref(), *kept))
    }

    /// How long a sort is kept in a queue, or in those that have no rule of their own.
    #[must_use]
    pub fn kept(&self, sort: RetentionSort, queue: Option<&QueueName>) -> Kept {
        self.resolve(sort, queue).0
    }

    /// The same, and which rule says so.
    #[must_use]
    pub fn resolve(&self, sort: RetentionSort, queue: Option<&QueueName>) -> (Kept, Origin) {
        if let Some(kept) = queue.and_then(|queue| self.rule(sort, Some(queue))) {
            return (kept, Origin::Queue);
        }
        self.rule(sort, None)
            .map_or((sort.kept_by_default(), Origin::Default), |kept| {
                (kept, Origin::All)
            })
    }

    /// All rows of a sort, each in one share: those of queues with rules of their own, and the others.
    #[must_use]
    pub fn shares(&self, sort: RetentionSort) -> Vec<Share> {
        let own = self.rules().filter(|(of, ..)| *of == sort);
        let own: Vec<_> = own
            .filter_map(|(_, queue, kept)| Some((queue?.clone(), kept)))
            .collect();
        let but = own.iter().map(|(queue, _)| queue.clone()).collect();
        let others = Share {
            of: ShareOf::Others(but),
            kept: self.kept(sort, None),
        };
        let own = own.into_iter().map(|(queue, kept)| Share {
            of: ShareOf::One(queue),
            kept,
        });
        own.chain([others]).collect()
    }

    /// The longest time that any queue keeps a sort: what is older is nobody's any more.
    #[must_use]
    pub fn longest(&self, sort: RetentionSort) -> Kept {
        let shares = self.shares(sort);
        let kept = shares.iter().map(|share| share.kept);
        kept.max().unwrap_or(Kept::Forever)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kept() -> impl Strategy<Value = Kept> {
        prop_oneof![
            Just(Kept::Forever),
            (60_u64..3_000_000_000).prop_map(|seconds| Kept::For(Duration::from_secs(seconds))),
        ]
    }

    fn queue(n: u8) -> QueueName {
        QueueName::new(format!("q{n}")).unwrap()
    }

    fn rules() -> impl Strategy<Value = Vec<RetentionRule>> {
        let rule = (0..9_usize, proptest::option::of(0..4_u8), kept());
        let rule = rule.prop_filter_map("a queue where rows know theirs", |(sort, of, kept)| {
            RetentionRule::new(RetentionSort::ALL[sort], of.map(queue), kept).ok()
        });
        proptest::collection::vec(rule, 0..20)
    }

    proptest! {
        /// As if one read the list of rules from its end for the most specific.
        #[test]
        fn the_most_specific_wins(rules in rules(), asked in 0..5_u8) {
            let retention = Retention::of(rules.clone());
            let asked = queue(asked);
            for sort in RetentionSort::ALL {
                let last = |queue: Option<&QueueName>| {
                    let on = |rule: &&RetentionRule| rule.sort() == sort && rule.queue() == queue;
                    rules.iter().rev().find(on).map(RetentionRule::kept)
                };
                let all = last(None).unwrap_or_else(|| sort.kept_by_default());
                let own = last(Some(&asked)).unwrap_or(all);
                prop_assert_eq!(retention.kept(sort, Some(&asked)), own);
                prop_assert_eq!(retention.kept(sort, None), all);
                prop_assert!(retention.longest(sort) >= own.max(all));
            }
        }

        /// Each row is in one share, and kept as long as its queue says.
        #[test]
        fn shares_take_every_queue_once(rules in rules(), asked in 0..5_u8) {
            let retention = Retention::of(rules);
            let asked = queue(asked);
            for sort in RetentionSort::ALL {
                let shares = retention.shares(sort);
                let taken: Vec<_> =
                    shares.iter().filter(|share| share.of.takes(asked.as_str())).collect();
                prop_assert_eq!(taken.len(), 1);
                prop_assert_eq!(taken[0].kept, retention.kept(sort, Some(&asked)));
                let scopes: std::collections::BTreeSet<_> =
                    shares.iter().map(|share| share.of.scope()).collect();
                prop_assert_eq!(scopes.len(), shares.len());
            }
        }

        /// What is shown is read again as what it was.
        #[test]
        fn spans_come_back(kept in kept()) {
            prop_assert_eq!(Kept::parse(&kept.to_string()), Ok(kept));
        }
    }

    #[test]
    fn what_nobody_means_is_refused() {
        for text in ["59s", "0s", "101years", "-1d", "", "Forever"] {
            assert!(Kept::parse(text).is_err(), "{text}");
        }
        for text in ["open-letters", "in-doubt", "incidents", "letters", ""] {
            assert!(text.parse::<RetentionSort>().is_err(), "{text}");
        }
    }
}
