//! What a plan would do, in groups.

use std::collections::BTreeMap;

use queue_core::{PlannedLetter, ReplayPlan};
use serde::Serialize;

use crate::moment::Time;
use crate::report::Sheet;
use crate::style::Tone;
use crate::table::Cell;

#[derive(Debug, Serialize)]
pub(super) struct Summary {
    digest: String,
    /// As a text: it is a number that programs would round.
    database: String,
    filter: String,
    made_by: String,
    made_at: Time,
    from_start: bool,
    letters: usize,
    /// Replayed by `apply`.
    safe: usize,
    /// Replayed only with --include-unsafe.
    r#unsafe: usize,
    classes: Vec<Class>,
    risks: Vec<RiskLine>,
}

#[derive(Debug, Serialize)]
struct Class {
    error_class: String,
    kind: String,
    letters: usize,
    r#unsafe: usize,
}

#[derive(Debug, Serialize)]
struct RiskLine {
    risk: &'static str,
    letters: u32,
    meaning: &'static str,
}

impl Summary {
    pub(super) fn of(plan: &ReplayPlan) -> Self {
        let letters = plan.letters().len();
        let safe = plan.chosen(false).count();
        let risks = plan.risks().into_iter().map(|(risk, letters)| RiskLine {
            risk: risk.code(),
            letters,
            meaning: risk.catalogued().entry().meaning,
        });
        Self {
            digest: plan.digest().to_string(),
            database: plan.database().to_string(),
            filter: plan.filter().to_owned(),
            made_by: plan.made_by().to_string(),
            made_at: Time(plan.made_at()),
            from_start: plan.discards_stages(),
            letters,
            safe,
            r#unsafe: letters - safe,
            classes: classes(plan.letters()),
            risks: risks.collect(),
        }
    }

    pub(super) fn sheet(&self) -> Sheet {
        let stages = if self.from_start {
            "all stages run again"
        } else {
            "finished stages keep what they came to"
        };
        let classes = self.classes.iter().map(|class| {
            vec![
                Cell::text(&class.error_class),
                Cell::text(&class.kind),
                Cell::number(class.letters),
                Cell::number(class.r#unsafe),
            ]
        });
        let risks = self.risks.iter().map(|line| {
            vec![
                Cell::toned(line.risk, Tone::Bad),
                Cell::number(line.letters),
                Cell::text(line.meaning),
            ]
        });
        Sheet::default()
            .field("plan", Cell::text(&self.digest))
            .field("database", Cell::text(&self.database))
            .field("filter", Cell::text(&self.filter))
            .field("made by", Cell::text(&self.made_by))
            .field("made at", Cell::Time(self.made_at.0))
            .field("stages", Cell::text(stages))
            .field("letters", Cell::number(self.letters))
            .field("replayed", Cell::number(self.safe))
            .field("only with --include-unsafe", Cell::number(self.r#unsafe))
            .table(
                "classes",
                &["error class", "kind", "letters", "unsafe"],
                classes.collect(),
            )
            .table("risks", &["risk", "letters", "meaning"], risks.collect())
    }
}

/// The largest group first.
fn classes(letters: &[PlannedLetter]) -> Vec<Class> {
    let mut groups: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for letter in letters {
        let group = groups.entry((&letter.error_class, &letter.kind));
        let (count, risky) = group.or_default();
        *count += 1;
        *risky += usize::from(!letter.is_safe());
    }
    let groups = groups.into_iter();
    let mut classes: Vec<_> = groups
        .map(|((error_class, kind), (letters, risky))| Class {
            error_class: error_class.to_string(),
            kind: kind.to_string(),
            letters,
            r#unsafe: risky,
        })
        .collect();
    classes.sort_by_key(|class| std::cmp::Reverse(class.letters));
    classes
}
