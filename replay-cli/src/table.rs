//! Rows and columns: aligned for people, separated by tabs for programs.

use std::fmt::Display;

use queue_core::{Count, Timestamp};
use unicode_width::UnicodeWidthStr;

use crate::moment::{Time, span};
use crate::style::{Style, Tone, harmless};

/// What stands in a place of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Empty,
    /// May be cut where there is no room.
    Text(String),
    /// A short word that is never cut.
    Word(String, Tone),
    Number(String),
    Time(Timestamp),
    Span(std::time::Duration),
}

impl Cell {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().to_owned())
    }

    pub(crate) fn word(text: impl AsRef<str>) -> Self {
        Self::toned(text, Tone::Plain)
    }

    pub(crate) fn toned(text: impl AsRef<str>, tone: Tone) -> Self {
        Self::Word(text.as_ref().to_owned(), tone)
    }

    pub(crate) fn number(number: impl Display + Copy) -> Self {
        Self::Number(number.to_string())
    }

    /// One that may be missing.
    pub(crate) fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Empty, cell)
    }

    /// Whether it goes to the right.
    fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    fn tone(&self) -> Tone {
        match self {
            Self::Word(_, tone) => *tone,
            _ => Tone::Plain,
        }
    }

    /// In a list: short for people, exact for programs.
    fn listed(&self, style: Style) -> String {
        match (self, style.width, style.now) {
            (Self::Time(time), Some(_), Some(now)) => Time(*time).relative(now),
            (Self::Span(length), Some(_), _) => span(*length),
            (Self::Empty, Some(_), _) => "-".to_owned(),
            _ => self.plain(),
        }
    }

    /// By itself: exact, and for people with how long ago.
    pub(crate) fn alone(&self, style: Style) -> String {
        match (self, style.width, style.now) {
            (Self::Time(time), Some(_), Some(now)) => {
                let time = Time(*time);
                format!("{} ({})", time.in_seconds(), time.relative(now))
            }
            (Self::Word(_, tone), Some(_), _) => style.paint(*tone, &self.plain()),
            _ => self.listed(style),
        }
    }

    fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Word(text, _) | Self::Number(text) => harmless(text),
            Self::Time(time) => time.to_string(),
            Self::Span(length) => format!("{:.3}", length.as_secs_f64()),
        }
    }
}

impl From<Count> for Cell {
    fn from(count: Count) -> Self {
        let more = if count.capped { "+" } else { "" };
        Self::Number(format!("{}{more}", count.counted))
    }
}

/// Text that may be cut is not cut below this where there is another way.
const SHORTEST: usize = 8;
/// Nor ever below this.
const TIGHT: usize = 4;
const GAP: usize = 2;

/// A table: with heads and aligned for people, with neither and separated by tabs for programs.
pub(crate) fn written(heads: &[&str], rows: &[Vec<Cell>], style: Style) -> String {
    let Some(width) = style.width else {
        return rows.iter().map(|row| tabbed(row, style)).collect();
    };
    let texts: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| cell.listed(style)).collect())
        .collect();
    let columns = columns(heads, rows, &texts, width);
    let mut out = String::new();
    let right = |column: usize| {
        rows.iter()
            .any(|row| row.get(column).is_some_and(Cell::is_number))
    };
    let titles = columns.iter().filter_map(|(column, width)| {
        let head = fitted(heads.get(*column)?, *width, right(*column));
        Some(style.paint(Tone::Title, &head))
    });
    push_line(&mut out, &titles.collect::<Vec<_>>());
    for (row, texts) in rows.iter().zip(&texts) {
        let cells = columns.iter().filter_map(|(column, width)| {
            let (cell, text) = (row.get(*column)?, texts.get(*column)?);
            Some(style.paint(cell.tone(), &fitted(text, *width, right(*column))))
        });
        push_line(&mut out, &cells.collect::<Vec<_>>());
    }
    out
}

fn tabbed(row: &[Cell], style: Style) -> String {
    let cells: Vec<String> = row.iter().map(|cell| cell.listed(style)).collect();
    format!("{}\n", cells.join("\t"))
}

fn push_line(out: &mut String, cells: &[String]) {
    out.push_str(cells.join(&" ".repeat(GAP)).trim_end());
    out.push('\n');
}

/// Which columns are shown, and how wide: as wide as what is in them, and where that is too much together, the
/// widest of those that may be cut less so. Where that is not enough, columns in which nothing stands go, texts get
/// shorter still, and at last what is behind the edge is left out.
fn columns(
    heads: &[&str],
    rows: &[Vec<Cell>],
    texts: &[Vec<String>],
    room: usize,
) -> Vec<(usize, usize)> {
    let wanted = |column: usize| {
        let head = heads.get(column).map_or(0, |head| head.width());
        let texts = texts.iter().filter_map(|row| row.get(column));
        texts.map(|text| text.width()).fold(head, usize::max)
    };
    let all: Vec<_> = (0..heads.len()).map(|it| (it, wanted(it))).collect();
    let fits = cut(rows, all.clone(), room, SHORTEST);
    if total(&fits) <= room {
        return fits;
    }
    let is_filled = |(column, _): &(usize, usize)| {
        rows.iter()
            .any(|row| !matches!(row.get(*column), None | Some(Cell::Empty)))
    };
    let filled: Vec<_> = all.into_iter().filter(is_filled).collect();
    let fits = cut(rows, filled.clone(), room, SHORTEST);
    if total(&fits) <= room {
        return fits;
    }
    let mut fits = cut(rows, filled, room, TIGHT);
    while total(&fits) > room && fits.len() > 1 {
        fits.pop();
    }
    fits
}

/// How wide a line of such columns is.
fn total(columns: &[(usize, usize)]) -> usize {
    let gaps = GAP * columns.len().saturating_sub(1);
    columns.iter().map(|(_, width)| width).sum::<usize>() + gaps
}

/// The widest of those that may be cut made narrower, none below `shortest`, until they fit or none is left.
fn cut(
    rows: &[Vec<Cell>],
    mut columns: Vec<(usize, usize)>,
    room: usize,
    shortest: usize,
) -> Vec<(usize, usize)> {
    let may_be_cut = |column: usize| {
        rows.iter()
            .any(|row| matches!(row.get(column), Some(Cell::Text(_))))
    };
    while total(&columns) > room {
        let widest = columns
            .iter_mut()
            .filter(|(column, width)| may_be_cut(*column) && *width > shortest)
            .map(|(_, width)| width)
            .max();
        match widest {
            Some(width) => *width -= 1,
            None => break,
        }
    }
    columns
}

/// A text in exactly this width, cut with `…` if it is longer.
fn fitted(text: &str, width: usize, right: bool) -> String {
    let mut text = text.to_owned();
    if text.width() > width {
        while text.width() + 1 > width && text.pop().is_some() {}
        text.push('…');
    }
    let blanks = " ".repeat(width.saturating_sub(text.width()));
    if right {
        format!("{blanks}{text}")
    } else {
        format!("{text}{blanks}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(width: usize) -> Style {
        Style {
            width: Some(width),
            colour: false,
            now: Some(Timestamp::from_micros(1_800_000_000_000_000)),
        }
    }

    fn rows() -> Vec<Vec<Cell>> {
        let died = Timestamp::from_micros(1_799_999_940_000_000);
        vec![
            vec![
                Cell::number(7),
                Cell::toned("open", Tone::Bad),
                Cell::Time(died),
                Cell::text("the provider said no, and said so at length\tand twice"),
            ],
            vec![
                Cell::number(1042),
                Cell::word("resolved"),
                Cell::Empty,
                Cell::text("日本語のエラー"),
            ],
        ]
    }

    const HEADS: [&str; 4] = ["job", "state", "died", "error"];

    #[test]
    fn people_get_columns_within_the_width() {
        let table = written(&HEADS, &rows(), style(50));
        assert_eq!(
            table,
            concat!(
                " job  state     died    error\n",
                "   7  open      1m ago  the provider said no, and…\n",
                "1042  resolved  -       日本語のエラー\n",
            )
        );
        assert!(table.lines().all(|line| line.width() <= 50));
    }

    #[test]
    fn what_may_not_be_cut_is_not() {
        let table = written(&HEADS, &rows(), style(32));
        assert!(table.contains("1042  resolved  -       日本語…"), "{table}");
    }

    /// However much there is, no line is longer than the terminal is wide.
    #[test]
    fn a_table_of_many_columns_fits_as_well() {
        let heads = [
            "job",
            "state",
            "queue",
            "empty",
            "kind",
            "held by",
            "error class",
            "error",
        ];
        let row = || {
            vec![
                Cell::number(1042),
                Cell::word("queued"),
                Cell::text("mail/of/some/tenant"),
                Cell::Empty,
                Cell::text("send_invoice"),
                Cell::Empty,
                Cell::text("NETWORK_TIMEOUT"),
                Cell::text("the relay did not answer"),
            ]
        };
        let rows = [row(), row()];
        let seen = |width| {
            let table = written(&heads, &rows, style(width));
            assert!(table.lines().all(|line| line.width() <= width), "{table}");
            table
        };
        assert!(seen(80).contains("held by"));
        let without = seen(56);
        assert!(!without.contains("held by") && !without.contains("empty"));
        assert!(without.contains("mail/of"), "{without}");
        assert!(seen(40).starts_with(" job  state "));
        seen(20);
    }

    #[test]
    fn programs_get_tabs_and_exact_times() {
        let table = written(&HEADS, &rows(), Style::plain());
        assert_eq!(
            table.lines().next().unwrap(),
            "7\topen\t2027-01-15T07:59:00.000000Z\tthe provider said no, and said so at length and twice"
        );
        assert_eq!(table.lines().count(), 2);
    }
}
