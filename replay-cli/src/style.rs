//! For whom it is written: a person at a terminal, or a program.

use std::io::{self, IsTerminal};

use queue_core::Timestamp;

/// What the place that is written to can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// The width of the terminal; none where nobody looks.
    pub(crate) width: Option<usize>,
    pub(crate) colour: bool,
    /// The database's time: what is relative is relative to it.
    pub(crate) now: Option<Timestamp>,
}

/// How narrow a table may get.
const NARROWEST: usize = 40;
/// Where a terminal does not say how wide it is.
const USUAL: usize = 80;

impl Style {
    /// Of this process's stdout.
    pub(crate) fn of_stdout(no_color: bool) -> Self {
        if !io::stdout().is_terminal() {
            return Self::plain();
        }
        let refused = no_color
            || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let width = terminal_size::terminal_size()
            .map(|(width, _)| usize::from(width.0))
            .filter(|width| *width > 0)
            .unwrap_or(USUAL);
        Self {
            width: Some(width.max(NARROWEST)),
            colour: !refused,
            now: None,
        }
    }

    /// For programs.
    pub(crate) fn plain() -> Self {
        Self {
            width: None,
            colour: false,
            now: None,
        }
    }

    pub(crate) fn at(self, now: Timestamp) -> Self {
        Self {
            now: Some(now),
            ..self
        }
    }

    /// Text in a tone, if there are colours.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            _ if !self.colour => return text.to_owned(),
            Tone::Plain => return text.to_owned(),
            Tone::Title => 1,
            Tone::Good => 32,
            Tone::Wait => 33,
            Tone::Bad => 31,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// What a text is to whoever reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    #[default]
    Plain,
    /// The head of a column.
    Title,
    /// As it should be.
    Good,
    /// Waits, perhaps for somebody.
    Wait,
    /// Somebody has to act.
    Bad,
}

/// A text without what a terminal would obey: whoever enqueues a job must not draw on the screen of who
/// looks at it.
pub(crate) fn harmless(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => shown.push(' '),
            c if obeyed(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_not_given_orders() {
        assert_eq!(harmless("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb c");
        assert_eq!(harmless("a\u{202e}b ä"), "a\\u{202e}b ä");
    }

    #[test]
    fn colours_are_left_out_where_they_are_not_wanted() {
        let plain = Style::plain();
        assert_eq!(plain.paint(Tone::Bad, "dead"), "dead");
        let bright = Style {
            colour: true,
            ..plain
        };
        assert_eq!(bright.paint(Tone::Bad, "dead"), "\u{1b}[31mdead\u{1b}[0m");
    }
}
