//! Comments that nobody sees who reads the page, and by which a drill finds its way.

use book::block::Note;

/// What a comment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// The drill does something here that is no command: it makes the incident, or mends its cause.
    Act(String),
    /// The next command block ends with this code.
    Exit(i32),
    /// The last command of the next block writes nothing to standard output.
    Silent,
    /// The next block is what was said.
    Prints,
    /// The last command of the next block is killed (`SIGKILL`) at a moment that the drill knows.
    Killed(String),
    /// The next block is for this database only.
    On(String),
    /// The daemon's metrics come to say this.
    Metric(String),
    /// The next block is not run, for this reason.
    NotRun(String),
}

/// By which a program finds where figures stand that it writes.
const PLACES: [&str; 2] = ["measured on ", "end of measured"];

impl Mark {
    /// The mark that a comment is; none if it marks a place. All marks but a drill's own are those of any page of the book.
    pub(super) fn read(comment: &str) -> Result<Option<Self>, String> {
        let text = comment.trim().trim_start_matches("<!--").trim_start();
        if PLACES.iter().any(|place| text.starts_with(place)) {
            return Ok(None);
        }
        // What no page knows is as wrong here as what is for other pages.
        let note = Note::parse(comment).ok().flatten();
        Ok(Some(match note {
            Some(Note::NotRun(reason)) => Self::NotRun(reason),
            Some(Note::Prints) => Self::Prints,
            Some(Note::EndsWith(code)) => Self::Exit(code),
            Some(Note::On(database)) if ["sqlite", "postgres"].contains(&&*database) => {
                Self::On(database)
            }
            Some(Note::Drill(act)) => Self::of_drill(&act)?,
            _ => {
                return Err(format!(
                    "a drill cannot act on {}; write not run: REASON, prints, ends with: CODE, on: sqlite, \
                     on: postgres, drill: act NAME, drill: silent, drill: killed MOMENT or drill: metric TEST",
                    comment.trim()
                ));
            }
        }))
    }

    fn of_drill(text: &str) -> Result<Self, String> {
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        let rest = rest.trim();
        Ok(match (verb, rest) {
            ("silent", "") => Self::Silent,
            ("act", name) if !name.is_empty() => Self::Act(name.to_owned()),
            ("killed", name) if !name.is_empty() => Self::Killed(name.to_owned()),
            ("metric", test) if !test.is_empty() => Self::Metric(test.to_owned()),
            _ => {
                return Err(format!(
                    "a drill knows no `{verb} {rest}`; write act NAME, silent, killed MOMENT or metric TEST"
                ));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_left_alone() {
        assert_eq!(Mark::read("<!-- measured on sqlite -->\n"), Ok(None));
        let metric = "<!-- drill: metric leasehold_outbox_lag_seconds > 0 -->\n";
        let test = "leasehold_outbox_lag_seconds > 0".to_owned();
        assert_eq!(Mark::read(metric), Ok(Some(Mark::Metric(test))));
        let code = "<!-- ends with: 5 -->\n";
        assert_eq!(Mark::read(code), Ok(Some(Mark::Exit(5))));
    }

    #[test]
    fn what_is_no_mark_is_told() {
        for wrong in [
            "drill: jump",
            "drill: exit soon",
            "drill: act",
            "drill act incident",
            "not run:",
            "ends with: soon",
            "on: mysql",
            "read by: promtool",
        ] {
            assert!(
                Mark::read(&format!("<!-- {wrong} -->\n")).is_err(),
                "{wrong}"
            );
        }
    }
}
