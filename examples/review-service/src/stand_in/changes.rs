//! The changes that the stand-ins know: as many as are wanted, of a seed.

use serde::{Deserialize, Serialize};

use super::behaviour::behaviour;
pub use super::behaviour::{BLOCK, DepotBehaviour, ModelBehaviour};
use super::diffs;
use super::draw::Draw;

/// The number of the first change; the others follow it.
pub const FIRST: u64 = 1000;

/// What the depot is allowed to give of these changes, as an allow-list has it.
pub const ALLOWED: [&str; 3] = [
    "//depot/orders/...",
    "//depot/billing/...",
    "//depot/mail/...",
];

/// A file that is not allowed; [`DepotBehaviour::DeniedFile`] comes with it.
pub const DENIED: &str = "//depot/payroll/src/salaries.rs";

/// A change, and what happens to whoever asks about it.
///
/// ```
/// use review_service::stand_in::changes::{FIRST, Recorded};
/// let change = Recorded::of(7, FIRST + 3);
/// assert_eq!(change, Recorded::of(7, FIRST + 3));
/// assert!(change.diff.contains(&change.files[0].path));
/// assert_ne!(change.diff, Recorded::of(8, FIRST + 3).diff);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its number.
    pub changelist: u64,
    /// Who submitted it.
    pub author: String,
    /// What the author says of it.
    pub description: String,
    /// What it touches.
    pub files: Vec<RecordedFile>,
    /// The differences, as `p4 describe -du` writes them after `Differences ...`.
    pub diff: String,
    /// What the depot does when it is asked for it.
    pub depot: DepotBehaviour,
    /// What the model does when it is asked to review it.
    pub model: ModelBehaviour,
}

/// A file of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedFile {
    /// Its path in the depot.
    pub path: String,
    /// What was done to it, like `edit`.
    pub action: String,
    /// Its revision after the change.
    pub revision: u32,
}

const AUTHORS: [&str; 4] = ["mlind", "tokafor", "jsato", "build-bot"];

const DESCRIPTIONS: [&str; 6] = [
    "Count evicted entries once",
    "Give up after a few retries",
    "Ask the database by parameters instead of by text",
    "Sort before merging, so that duplicates meet",
    "Say in the log what is evicted",
    "Do not sleep while the lock is held",
];

const PROJECTS: [&str; 3] = ["//depot/orders", "//depot/billing", "//depot/mail"];

const FILES: [&str; 8] = [
    "src/cache/store.rs",
    "src/cache/evict.rs",
    "src/http/client.rs",
    "src/http/retry.rs",
    "src/db/orders.rs",
    "src/report.rs",
    "tests/cache.rs",
    "docs/Übersicht.md",
];

impl Recorded {
    /// The change of a number. Any number has one: that the depot does not know it is a behaviour, too.
    #[must_use]
    pub fn of(seed: u64, changelist: u64) -> Self {
        let (depot, model) = behaviour(seed, changelist.wrapping_sub(FIRST));
        // What the change is does not hang on where in its block it is.
        let mut draw = Draw::of(seed, changelist ^ 0x6368_616e_6765);
        let project = draw.one(&PROJECTS);
        let mut names = FILES;
        draw.shuffle(&mut names);
        let mut files: Vec<RecordedFile> = names
            .iter()
            .take(draw.between(1, 4))
            .map(|name| RecordedFile {
                path: format!("{project}/{name}"),
                action: draw.one(&["edit", "edit", "edit", "add"]).to_owned(),
                revision: u32::try_from(draw.between(1, 40)).unwrap_or(1),
            })
            .collect();
        if depot == DepotBehaviour::DeniedFile {
            files.push(RecordedFile {
                path: DENIED.to_owned(),
                action: "edit".to_owned(),
                revision: 3,
            });
        }
        let diff = files
            .iter()
            .map(|file| diffs::of_file(&file.path, file.revision, &mut draw))
            .collect();
        Self {
            changelist,
            author: draw.one(&AUTHORS).to_owned(),
            description: draw.one(&DESCRIPTIONS).to_owned(),
            files,
            diff,
            depot,
            model,
        }
    }

    /// The first so many changes.
    pub fn first(seed: u64, count: u64) -> impl Iterator<Item = Self> {
        (FIRST..FIRST.saturating_add(count)).map(move |changelist| Self::of(seed, changelist))
    }

    /// Whether a review comes of it in the end, whatever goes wrong before.
    #[must_use]
    pub fn is_reviewed(&self) -> bool {
        self.depot.delivers() && self.model.delivers()
    }

    /// Its paths.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.files.iter().map(|file| file.path.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn changes_are_whole_and_differ() {
        let changes: Vec<_> = Recorded::first(7, 300).collect();
        assert_eq!(changes.len(), 300);
        let diffs: HashSet<_> = changes.iter().map(|change| &change.diff).collect();
        assert!(diffs.len() > 295, "{}", diffs.len());
        for change in &changes {
            let paths: HashSet<_> = change.files.iter().map(|file| &file.path).collect();
            assert_eq!(paths.len(), change.files.len(), "a file twice");
            for file in &change.files {
                let head = format!("==== {}#{} (text) ====", file.path, file.revision);
                assert!(change.diff.contains(&head));
            }
            let denied = change.files.iter().any(|file| file.path == DENIED);
            assert_eq!(denied, change.depot == DepotBehaviour::DeniedFile);
        }
    }

    #[test]
    fn some_have_secrets_in_them_and_most_have_none() {
        let with = Recorded::first(7, 300)
            .filter(|change| change.diff.contains("PRIVATE KEY") || change.diff.contains("ghp_"))
            .count();
        assert!((5..100).contains(&with), "{with}");
    }

    #[test]
    fn hunks_say_how_long_they_are() {
        for change in Recorded::first(3, 50) {
            for hunk in change.diff.split("@@ -").skip(1) {
                let (head, body) = hunk.split_once(" @@\n").unwrap();
                let body = body
                    .split("\n\n====")
                    .next()
                    .unwrap()
                    .trim_end_matches('\n');
                let lines: Vec<_> = body.split('\n').collect();
                let after = lines.iter().filter(|line| !line.starts_with('-')).count();
                let said: usize = head.rsplit(',').next().unwrap().parse().unwrap();
                assert_eq!(said, after, "{hunk}");
            }
        }
    }

    #[test]
    fn most_come_to_a_review() {
        let reviewed = Recorded::first(7, 300)
            .filter(Recorded::is_reviewed)
            .count();
        assert_eq!(reviewed, 300 - 6 * 8);
    }
}
