//! The lines of the list: `| SEC-1 | what is claimed | what shows it |`, below the heading of their part.

use anyhow::{Result, bail};

/// A bar within a cell, where a bare one ends it.
pub(super) const BAR: &str = "\\|";

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) part: String,
    pub(crate) number: String,
    pub(crate) claim: String,
    pub(crate) shown: Shown,
}

/// What shows that a claim holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// ``environment: `leasehold doctor` ``: run against the environment.
    Command(String),
    /// ``test: `cargo test …` ``: run in this repository.
    Test(String),
    /// `page: [title](path)`: what was decided, written down.
    Page(String),
    /// `you`: nobody but the deploying team can answer.
    Team,
}

pub(crate) fn read(text: &str) -> Result<Vec<Line>> {
    let mut part = String::new();
    let mut lines: Vec<Line> = Vec::new();
    for row in text.lines() {
        if let Some(heading) = row.strip_prefix("## ") {
            heading.clone_into(&mut part);
        }
        let Some(cells) = row
            .strip_prefix("| ")
            .and_then(|row| row.strip_suffix(" |"))
        else {
            continue;
        };
        let cells = cells.split(" | ").map(|cell| cell.trim().replace(BAR, "|"));
        let cells: Vec<String> = cells.collect();
        if !cells.first().is_some_and(|cell| is_number(cell)) {
            continue;
        }
        let [number, claim, shown] = &cells[..] else {
            bail!("a line has a number, a claim and what shows it: {row}");
        };
        if lines.iter().any(|line| line.number == *number) {
            bail!("two lines have the number {number}");
        }
        lines.push(Line {
            part: part.clone(),
            number: number.clone(),
            claim: claim.clone(),
            shown: Shown::read(shown).map_err(|said| anyhow::anyhow!("{number}: {said}"))?,
        });
    }
    Ok(lines)
}

/// As `SEC-12`: other rows are the heads of tables, and what a table explains.
fn is_number(cell: &str) -> bool {
    let parts = cell.split_once('-');
    parts.is_some_and(|(part, count)| {
        let is_part = part.len() == 3 && part.bytes().all(|it| it.is_ascii_uppercase());
        is_part && count.parse::<u16>().is_ok()
    })
}

impl Shown {
    fn read(text: &str) -> Result<Self> {
        let quoted = |rest: &str| {
            let inner = rest.trim().strip_prefix('`')?.strip_suffix('`')?;
            (!inner.contains('`')).then(|| inner.to_owned())
        };
        let found = match text.split_once(':') {
            None if text == "you" => Some(Self::Team),
            Some(("environment", rest)) => quoted(rest).map(Self::Command),
            Some(("test", rest)) => quoted(rest).map(Self::Test),
            Some(("page", rest)) => rest
                .split_once("](")
                .and_then(|(_, link)| link.strip_suffix(')'))
                .map(|link| Self::Page(link.to_owned())),
            _ => None,
        };
        match found {
            Some(shown) => Ok(shown),
            None => bail!(
                "`{text}` shows nothing; write environment: `COMMAND`, test: `COMMAND`, page: [TITLE](PATH) or you"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_shows_it() {
        let text = "## Security\n\n| | | shown by |\n|---|---|---|\n| SEC-1 | safe | environment: `leasehold doctor \\| wc` |\n\
                    | SEC-2 | told | page: [x](slo.md#y) |\n| SEC-3 | asked | you |\n";
        let lines = read(text).unwrap();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0].part, "Security");
        assert_eq!(
            lines[0].shown,
            Shown::Command("leasehold doctor | wc".to_owned())
        );
        assert_eq!(lines[1].shown, Shown::Page("slo.md#y".to_owned()));
        assert_eq!(lines[2].shown, Shown::Team);
    }

    #[test]
    fn what_shows_nothing_is_refused() {
        for wrong in [
            "trust us",
            "test: cargo test",
            "page: slo.md",
            "you: please",
        ] {
            assert!(Shown::read(wrong).is_err(), "{wrong}");
        }
        assert!(read("| SEC-1 | a |\n").is_err());
        assert!(read("| SEC-1 | a | you |\n| SEC-1 | b | you |\n").is_err());
    }
}
