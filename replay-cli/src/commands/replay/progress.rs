//! How far a run is, on stderr.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use queue_core::{ReplayRun, RunCounts};
use queue_ops::replay::{Step, Watch};

use crate::desk::Desk;

/// Where nobody looks, a line this often.
const SELDOM: Duration = Duration::from_secs(10);
/// On a terminal the line is written anew this often.
const OFTEN: Duration = Duration::from_millis(100);

/// A line that is written anew on a terminal, and now and then a line elsewhere.
#[derive(Debug)]
pub(crate) struct Progress<'d> {
    desk: &'d Desk,
    on_terminal: bool,
    said: Option<(Instant, bool)>,
    /// How wide the line on the terminal is.
    width: usize,
}

impl<'d> Progress<'d> {
    pub(crate) fn new(desk: &'d Desk) -> Self {
        Self {
            desk,
            on_terminal: io::stderr().is_terminal(),
            said: None,
            width: 0,
        }
    }

    /// Says something that may be said often.
    pub(crate) fn say(&mut self, line: &str, waits: bool) {
        let often = if self.on_terminal { OFTEN } else { SELDOM };
        // That it waits now, or goes on, is said at once.
        if let Some((at, waited)) = self.said
            && waited == waits
            && at.elapsed() < often
        {
            return;
        }
        self.said = Some((Instant::now(), waits));
        let mut stderr = io::stderr();
        let width = self.width;
        // Whoever closed stderr does not want it.
        let _ = if self.on_terminal {
            write!(stderr, "\r{line:width$}").and_then(|()| stderr.flush())
        } else {
            writeln!(stderr, "{line}")
        };
        self.width = line.chars().count();
    }

    /// Takes the line on the terminal away.
    pub(crate) fn end(&mut self) {
        if self.on_terminal && self.width > 0 {
            let mut stderr = io::stderr();
            let blank = " ".repeat(self.width);
            let _ = write!(stderr, "\r{blank}\r").and_then(|()| stderr.flush());
            self.width = 0;
        }
    }
}

impl Watch for Progress<'_> {
    fn is_told_to_stop(&self) -> bool {
        self.desk.stop.asked().is_some()
    }

    fn stands(&mut self, run: &ReplayRun, next: Step) {
        let waits = matches!(next, Step::Await(_));
        let waiting = if waits { ": waiting for outcomes" } else { "" };
        let line = standing(run.letters, &run.counts);
        self.say(&format!("{line}{waiting}"), waits);
    }
}

/// `240 of 800 seen: 200 not ended, 30 succeeded, 6 died again, 4 left out`
pub(super) fn standing(letters: u32, counts: &RunCounts) -> String {
    let of = [
        (counts.running, "not ended"),
        (counts.succeeded, "succeeded"),
        (counts.died, "died again"),
        (counts.cancelled, "cancelled"),
        (counts.left_out(), "left out"),
    ];
    let parts: Vec<_> = of
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let seen = format!("{} of {letters} seen", counts.seen());
    if parts.is_empty() {
        seen
    } else {
        format!("{seen}: {}", parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        let counts = RunCounts {
            running: 2,
            died: 1,
            changed: 1,
            ..RunCounts::default()
        };
        assert_eq!(
            standing(9, &counts),
            "4 of 9 seen: 2 not ended, 1 died again, 1 left out"
        );
        assert_eq!(standing(9, &RunCounts::default()), "0 of 9 seen");
    }
}
