//! What the stand-ins do when they are asked about a change.

use serde::{Deserialize, Serialize};

use super::draw::Draw;

/// What the stand-in for the depot does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepotBehaviour {
    /// It answers.
    Answers,
    /// It refuses the connection so many times, then it answers.
    Refuses(u32),
    /// It hangs so many times, with a child that hangs too; then it answers.
    Hangs(u32),
    /// It answers with more than anybody wants to read.
    TooMuch,
    /// It answers with a file that is outside the allow-list.
    DeniedFile,
    /// It has no such change.
    NoSuchChange,
}

/// What the stand-in for the model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelBehaviour {
    /// It answers as agreed.
    Valid,
    /// It answers with what has to be put right, or dropped in part.
    Messy,
    /// It answers with findings of which none can be kept.
    AllDropped,
    /// It answers as agreed, with texts that want to be more than texts.
    HostileTexts,
    /// It answers with what is no review: too large, too deep, of other types, or instructions.
    Hostile,
    /// It answers with what has to be rejected, as models do without bad intent.
    Unreadable,
    /// So many times it is asked too often (429), and says for how many seconds to wait.
    BusyForSeconds(u32),
    /// So many times it is asked too often (429), and says until when to wait, as a date.
    BusyUntilDate(u32),
    /// So many times it fails (500).
    Fails(u32),
    /// So many times it says nothing.
    Silent(u32),
    /// So many times it breaks off in the middle of its answer.
    BreaksOff(u32),
    /// It is always unavailable (503).
    Unavailable,
    /// It refuses the request as too long (400).
    TooLong,
}

/// So many changes, and each block has every behaviour in it.
pub const BLOCK: u64 = 50;

use DepotBehaviour as Depot;
use ModelBehaviour as Model;

/// How often each of them comes in a block.
const DECK: [(u64, Depot, Model); 18] = [
    (19, Depot::Answers, Model::Valid),
    (10, Depot::Answers, Model::Messy),
    (2, Depot::Answers, Model::AllDropped),
    (3, Depot::Answers, Model::HostileTexts),
    (2, Depot::Answers, Model::Hostile),
    (2, Depot::Answers, Model::Unreadable),
    (1, Depot::Answers, Model::BusyForSeconds(1)),
    (1, Depot::Answers, Model::BusyUntilDate(1)),
    (1, Depot::Answers, Model::Fails(1)),
    (1, Depot::Answers, Model::Silent(1)),
    (1, Depot::Answers, Model::BreaksOff(1)),
    (1, Depot::Answers, Model::Unavailable),
    (1, Depot::Answers, Model::TooLong),
    (1, Depot::Refuses(2), Model::Valid),
    (1, Depot::Hangs(1), Model::Valid),
    (1, Depot::TooMuch, Model::Valid),
    (1, Depot::DeniedFile, Model::Valid),
    (1, Depot::NoSuchChange, Model::Valid),
];

/// What happens at the change of that number: each block has the same cards, in an order of the seed's.
pub(super) fn behaviour(seed: u64, number: u64) -> (Depot, Model) {
    let mut cards: Vec<_> = DECK
        .iter()
        .flat_map(|(times, depot, model)| (0..*times).map(move |_| (*depot, *model)))
        .collect();
    Draw::of(seed, number / BLOCK).shuffle(&mut cards);
    usize::try_from(number % BLOCK)
        .ok()
        .and_then(|place| cards.get(place).copied())
        .unwrap_or((Depot::Answers, Model::Valid))
}

impl DepotBehaviour {
    /// Whether the change comes through to the model in the end.
    #[must_use]
    pub fn delivers(self) -> bool {
        !matches!(self, Self::DeniedFile | Self::NoSuchChange)
    }
}

impl ModelBehaviour {
    /// Whether a review comes of it in the end.
    #[must_use]
    pub fn delivers(self) -> bool {
        !matches!(
            self,
            Self::Hostile | Self::Unreadable | Self::Unavailable | Self::TooLong
        )
    }

    /// So many times it does not answer before it does.
    #[must_use]
    pub fn failures(self) -> u32 {
        match self {
            Self::BusyForSeconds(times)
            | Self::BusyUntilDate(times)
            | Self::Fails(times)
            | Self::Silent(times)
            | Self::BreaksOff(times) => times,
            Self::Unavailable | Self::TooLong => u32::MAX,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn counted(seed: u64, block: u64) -> HashMap<(Depot, Model), u64> {
        let mut counts = HashMap::new();
        for number in block * BLOCK..(block + 1) * BLOCK {
            *counts.entry(behaviour(seed, number)).or_default() += 1;
        }
        counts
    }

    #[test]
    fn every_block_of_every_seed_has_every_behaviour() {
        let wanted: HashMap<_, _> = DECK
            .iter()
            .map(|(times, depot, model)| ((*depot, *model), *times))
            .collect();
        assert_eq!(wanted.values().sum::<u64>(), BLOCK);
        for (seed, block) in [(0, 0), (7, 0), (7, 5), (u64::MAX, 3)] {
            assert_eq!(counted(seed, block), wanted, "seed {seed}, block {block}");
        }
    }

    #[test]
    fn the_order_is_the_seeds() {
        let order = |seed| -> Vec<_> { (0..BLOCK).map(|n| behaviour(seed, n)).collect() };
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
    }
}
