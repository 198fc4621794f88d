//! How many dead letters there are of what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{LetterState, LetterSummary, STATS_COUNT_CAP, Timestamp};

/// So many letters are counted for one answer, those that died last.
pub const LETTER_COUNT_CAP: u32 = STATS_COUNT_CAP;

/// By what letters are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// What they died of.
    ErrorClass,
    /// Their kind.
    Kind,
    /// Their queue.
    Queue,
    /// Where they are.
    State,
}

impl GroupBy {
    /// As a store's statement knows it.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::ErrorClass => 0,
            Self::Kind => 1,
            Self::Queue => 2,
            Self::State => 3,
        }
    }

    /// The group that a letter is in.
    #[must_use]
    pub fn of(self, letter: &LetterSummary) -> &str {
        match self {
            Self::ErrorClass => letter.error_class.as_str(),
            Self::Kind => letter.kind.as_str(),
            Self::Queue => letter.queue.as_str(),
            Self::State => letter.state.as_str(),
        }
    }

    /// The value as a person reads it, of what a store has: a state is a number there.
    #[must_use]
    pub fn shown(self, stored: String) -> String {
        let state = |code: i16| {
            crate::codes::letter_state(code)
                .ok()
                .map(LetterState::as_str)
        };
        match self {
            Self::State => stored
                .parse()
                .ok()
                .and_then(state)
                .map_or(stored, str::to_owned),
            _ => stored,
        }
    }
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LetterGroup {
    /// What they have in common.
    pub value: String,
    /// How many letters, among those that were counted.
    pub letters: u32,
    /// The oldest death among them.
    pub oldest: Timestamp,
    /// The newest.
    pub newest: Timestamp,
}

/// The groups, largest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LetterGroups {
    /// The groups.
    pub groups: Vec<LetterGroup>,
    /// Whether counting stopped at [`LETTER_COUNT_CAP`]: older letters are not in the numbers.
    pub capped: bool,
}

impl LetterGroups {
    /// From groups in any order, and how many letters were looked at for them.
    #[must_use]
    pub fn of(mut groups: Vec<LetterGroup>, looked_at: u64) -> Self {
        groups.retain(|group| group.letters > 0);
        groups.sort_by(|a, b| {
            b.letters
                .cmp(&a.letters)
                .then_with(|| a.value.cmp(&b.value))
        });
        Self {
            groups,
            capped: looked_at >= LETTER_COUNT_CAP.into(),
        }
    }

    /// From the letters themselves.
    pub fn count<'l>(by: GroupBy, letters: impl IntoIterator<Item = &'l LetterSummary>) -> Self {
        let mut groups: BTreeMap<&str, LetterGroup> = BTreeMap::new();
        let mut looked_at = 0;
        for letter in letters {
            looked_at += 1;
            let value = by.of(letter);
            let group = groups.entry(value).or_insert_with(|| LetterGroup {
                value: value.to_owned(),
                letters: 0,
                oldest: letter.died_at,
                newest: letter.died_at,
            });
            group.letters += 1;
            group.oldest = group.oldest.min(letter.died_at);
            group.newest = group.newest.max(letter.died_at);
        }
        Self::of(groups.into_values().collect(), looked_at)
    }
}
