//! `leasehold dead groups`

use clap::{Args, ValueEnum};
use queue_core::{GroupBy, LETTER_COUNT_CAP, LetterGroup};
use serde::Serialize;

use super::filter::Filter;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::moment::Time;
use crate::report::{self, Row};
use crate::table::Cell;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold dead groups --state open
  leasehold dead groups --by kind --error-class NETWORK_TIMEOUT --since 2h

Columns: what they have in common, how many letters, the oldest death, the newest. The largest
group comes first.")]
pub(crate) struct Groups {
    /// By what they are put together
    #[arg(long, value_name = "WHAT", value_enum, default_value = "error-class")]
    by: By,
    #[command(flatten)]
    filter: Filter,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    ErrorClass,
    Kind,
    Queue,
    State,
}

impl From<By> for GroupBy {
    fn from(by: By) -> Self {
        match by {
            By::ErrorClass => Self::ErrorClass,
            By::Kind => Self::Kind,
            By::Queue => Self::Queue,
            By::State => Self::State,
        }
    }
}

#[derive(Debug, Serialize)]
struct GroupLine {
    value: String,
    letters: u32,
    oldest: Time,
    newest: Time,
}

impl GroupLine {
    fn of(group: &LetterGroup) -> Self {
        Self {
            value: group.value.clone(),
            letters: group.letters,
            oldest: Time(group.oldest),
            newest: Time(group.newest),
        }
    }
}

impl Row for GroupLine {
    const COLUMNS: &'static [&'static str] = &["group", "letters", "oldest", "newest"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(&self.value),
            Cell::number(self.letters),
            Cell::Time(self.oldest.0),
            Cell::Time(self.newest.0),
        ]
    }
}

pub(super) async fn run(desk: &Desk, options: &Groups) -> Result<Answer, Failure> {
    let (store, style) = desk.store_and_style().await?;
    let filter = options.filter.resolve(store.now().await?)?;
    let found = store.letter_groups(&filter, options.by.into()).await?;
    let items: Vec<_> = found.groups.iter().map(GroupLine::of).collect();
    let answer = report::list(desk, style, "dead groups", &items, None::<String>)?;
    Ok(if found.capped {
        answer.note(format!(
            "counted were the {LETTER_COUNT_CAP} letters that died last; --until says where else to begin"
        ))
    } else {
        answer
    })
}
