//! Comments that nobody sees who reads the page, and by which a drill finds its way.

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

impl Mark {
    /// The mark in a comment of one line, behind its `<!-- `; none if it is for others.
    pub(super) fn read(comment: &str) -> Result<Option<Self>, String> {
        let Some(text) = comment.trim_end().strip_suffix("-->").map(str::trim) else {
            return Ok(None);
        };
        // These are the book's words for blocks of any page.
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        match (name.trim(), value.trim()) {
            ("not run", "") => return Err("say why: <!-- not run: REASON -->".to_owned()),
            ("not run", reason) => return Ok(Some(Self::NotRun(reason.to_owned()))),
            ("prints", "") => return Ok(Some(Self::Prints)),
            ("on", database @ ("sqlite" | "postgres")) => {
                return Ok(Some(Self::On(database.to_owned())));
            }
            ("ends with", code) => {
                let code = code.parse();
                return code
                    .map(|code| Some(Self::Exit(code)))
                    .map_err(|_| "an exit code is a number: <!-- ends with: 5 -->".to_owned());
            }
            _ => {}
        }
        let Some(text) = text.strip_prefix("drill:") else {
            return Ok(None);
        };
        let (verb, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let rest = rest.trim();
        let mark = match (verb, rest) {
            ("silent", "") => Self::Silent,
            ("act", name) if !name.is_empty() => Self::Act(name.to_owned()),
            ("killed", name) if !name.is_empty() => Self::Killed(name.to_owned()),
            ("metric", test) if !test.is_empty() => Self::Metric(test.to_owned()),
            _ => {
                return Err(format!(
                    "a drill knows no `{verb} {rest}`; write act NAME, silent, killed MOMENT or metric TEST"
                ));
            }
        };
        Ok(Some(mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_for_others_are_left_alone() {
        assert_eq!(Mark::read("keys of channels -->"), Ok(None));
        assert_eq!(Mark::read("begun here, and ended elsewhere"), Ok(None));
        let metric = "drill: metric leasehold_outbox_lag_seconds > 0 -->";
        let test = "leasehold_outbox_lag_seconds > 0".to_owned();
        assert_eq!(Mark::read(metric), Ok(Some(Mark::Metric(test))));
    }

    #[test]
    fn what_is_no_mark_is_told() {
        for wrong in [
            "drill: jump -->",
            "drill: exit soon -->",
            "drill: act -->",
            "not run: -->",
            "ends with: soon -->",
        ] {
            assert!(Mark::read(wrong).is_err(), "{wrong}");
        }
    }
}
