//! Answers of one form: lists, sheets on one thing, and what became of changes.

use queue_ops::Exit;
use serde::Serialize;

use crate::answer::{Answer, Failure};
use crate::arguments::Layout;
use crate::desk::Desk;
use crate::output;
use crate::style::{Style, Tone};
use crate::table::{self, Cell};

/// The version of all JSON that is written. It grows when a member goes or changes its meaning, and not
/// when one comes.
pub(crate) const VERSION: u32 = 1;

/// Something that has a line in a list.
pub(crate) trait Row: Serialize {
    /// The heads. Their order never changes; new ones come last.
    const COLUMNS: &'static [&'static str];

    fn cells(&self) -> Vec<Cell>;
}

#[derive(Serialize)]
struct List<'a, T> {
    version: u32,
    command: &'a str,
    items: &'a [T],
    /// The cursor of the next page.
    next: Option<String>,
}

/// A list and how to get on with it.
pub(crate) fn list<T: Row>(
    desk: &Desk,
    style: Style,
    command: &str,
    items: &[T],
    next: Option<impl ToString>,
) -> Result<Answer, Failure> {
    let next = next.map(|next| next.to_string());
    if desk.json() {
        let list = List {
            version: VERSION,
            command,
            items,
            next,
        };
        return Ok(Answer::done(output::json(&list, Layout::default())?));
    }
    let rows: Vec<_> = items.iter().map(Row::cells).collect();
    let answer = match rows.as_slice() {
        [] if style.width.is_some() => Answer::done("").note("there is nothing"),
        [] => Answer::done(""),
        rows => Answer::done(table::written(T::COLUMNS, rows, style)),
    };
    Ok(match next {
        Some(next) => answer.note(format!("there are more: --after {next}")),
        None => answer,
    })
}

#[derive(Serialize)]
struct One<'a, T> {
    version: u32,
    command: &'a str,
    item: &'a T,
}

/// What is said of one thing: fields, then tables.
#[derive(Debug, Default)]
pub(crate) struct Sheet(Vec<Part>);

#[derive(Debug)]
enum Part {
    Field(&'static str, Cell),
    Table {
        name: &'static str,
        heads: &'static [&'static str],
        rows: Vec<Vec<Cell>>,
    },
    /// Text as it is, of several lines perhaps.
    Block(&'static str, String),
}

impl Sheet {
    pub(crate) fn field(mut self, name: &'static str, cell: Cell) -> Self {
        self.0.push(Part::Field(name, cell));
        self
    }

    /// A field that is left out where there is nothing to say.
    pub(crate) fn maybe<T>(
        self,
        name: &'static str,
        value: Option<T>,
        cell: impl FnOnce(T) -> Cell,
    ) -> Self {
        match value {
            Some(value) => self.field(name, cell(value)),
            None => self,
        }
    }

    /// A table that is left out where it has no rows.
    pub(crate) fn table(
        mut self,
        name: &'static str,
        heads: &'static [&'static str],
        rows: Vec<Vec<Cell>>,
    ) -> Self {
        if !rows.is_empty() {
            self.0.push(Part::Table { name, heads, rows });
        }
        self
    }

    pub(crate) fn block(mut self, name: &'static str, text: Option<String>) -> Self {
        if let Some(text) = text {
            self.0.push(Part::Block(name, text));
        }
        self
    }

    /// For people in two columns; for programs a line each, with the name of the field or table first.
    fn written(&self, style: Style) -> String {
        let names = self.0.iter().filter_map(|part| match part {
            Part::Field(name, _) => Some(name.len()),
            _ => None,
        });
        let width = names.max().unwrap_or(0);
        let mut out = String::new();
        for part in &self.0 {
            match (part, style.width) {
                (Part::Field(name, cell), Some(_)) => {
                    let name = style.paint(Tone::Title, &format!("{name:width$}"));
                    out.push_str(format!("{name}  {}", cell.alone(style)).trim_end());
                    out.push('\n');
                }
                (Part::Field(name, cell), None) => {
                    out.push_str(&format!("{name}\t{}\n", cell.alone(style)));
                }
                (Part::Table { name, heads, rows }, Some(_)) => {
                    let title = style.paint(Tone::Title, name);
                    out.push_str(&format!(
                        "\n{title}\n{}",
                        table::written(heads, rows, style)
                    ));
                }
                (Part::Table { name, heads, rows }, None) => {
                    for line in table::written(heads, rows, style).lines() {
                        out.push_str(&format!("{name}\t{line}\n"));
                    }
                }
                (Part::Block(name, text), Some(_)) => {
                    let title = style.paint(Tone::Title, name);
                    out.push_str(&format!("\n{title}\n{}\n", text.trim_end()));
                }
                (Part::Block(name, text), None) => {
                    out.push_str(&format!("{name}\t{}\n", crate::style::harmless(text)));
                }
            }
        }
        out
    }
}

/// One thing.
pub(crate) fn show<T: Serialize>(
    desk: &Desk,
    style: Style,
    command: &str,
    item: &T,
    sheet: &Sheet,
) -> Result<Answer, Failure> {
    if desk.json() {
        let one = One {
            version: VERSION,
            command,
            item,
        };
        return Ok(Answer::done(output::json(&one, Layout::default())?));
    }
    Ok(Answer::done(sheet.written(style)))
}

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// To what: `job:17`.
    pub(crate) target: String,
    /// A reason code: see `leasehold explain`.
    pub(crate) outcome: String,
    #[serde(skip)]
    pub(crate) kind: ChangeKind,
    pub(crate) detail: String,
}

/// What an outcome means for the process that asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    /// It is so now.
    Made,
    /// It would be so.
    Planned,
    Refused,
    NotFound,
}

impl Change {
    pub(crate) fn new(
        target: impl Into<String>,
        kind: ChangeKind,
        outcome: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            target: target.into(),
            outcome: outcome.into(),
            kind,
            detail: detail.into(),
        }
    }
}

impl Row for Change {
    const COLUMNS: &'static [&'static str] = &["target", "outcome", "detail"];

    fn cells(&self) -> Vec<Cell> {
        let tone = match self.kind {
            ChangeKind::Made => Tone::Good,
            ChangeKind::Planned => Tone::Plain,
            ChangeKind::Refused | ChangeKind::NotFound => Tone::Bad,
        };
        vec![
            Cell::word(&self.target),
            Cell::toned(&self.outcome, tone),
            Cell::text(&self.detail),
        ]
    }
}

#[derive(Serialize)]
struct Changes<'a> {
    version: u32,
    command: &'a str,
    dry_run: bool,
    changes: &'a [Change],
}

/// What became of changes, or would.
pub(crate) fn changes(
    desk: &Desk,
    command: &str,
    changes: &[Change],
    dry_run: bool,
) -> Result<Answer, Failure> {
    let text = if desk.json() {
        let all = Changes {
            version: VERSION,
            command,
            dry_run,
            changes,
        };
        output::json(&all, Layout::default())?
    } else {
        let rows: Vec<_> = changes.iter().map(Row::cells).collect();
        table::written(Change::COLUMNS, &rows, desk.style).into_bytes()
    };
    let answer = Answer::with(exit(changes), text);
    let planned = changes
        .iter()
        .filter(|change| change.kind == ChangeKind::Planned);
    Ok(if dry_run {
        let count = planned.count();
        answer.note(format!(
            "nothing was changed; with --yes it would be, in {count} of {} cases",
            changes.len()
        ))
    } else {
        answer
    })
}

/// What a process ends with that made these changes, or tried to.
fn exit(changes: &[Change]) -> Exit {
    let made = changes
        .iter()
        .filter(|change| matches!(change.kind, ChangeKind::Made | ChangeKind::Planned))
        .count();
    let all_missing = changes
        .iter()
        .all(|change| change.kind == ChangeKind::NotFound);
    match made {
        made if made == changes.len() => Exit::Done,
        0 if all_missing => Exit::NotFound,
        0 => Exit::Refused,
        _ => Exit::Partly,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_says_how_many_changes_were_made() {
        use ChangeKind::{Made, NotFound, Planned, Refused};
        for (kinds, wanted) in [
            (vec![Made, Made], Exit::Done),
            (vec![Planned], Exit::Done),
            (vec![], Exit::Done),
            (vec![NotFound, NotFound], Exit::NotFound),
            (vec![Refused, NotFound], Exit::Refused),
            (vec![Made, Refused], Exit::Partly),
        ] {
            let changes: Vec<_> = kinds
                .iter()
                .map(|kind| Change::new("job:1", *kind, "x", ""))
                .collect();
            assert_eq!(exit(&changes), wanted, "{kinds:?}");
        }
    }
}
