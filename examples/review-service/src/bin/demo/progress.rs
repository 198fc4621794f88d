//! What is shown while it goes on.

use indicatif::{ProgressBar, ProgressStyle};

use crate::voice::say;

/// Two bars where there is a terminal; words where there is none, too.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    asked: ProgressBar,
    done: ProgressBar,
}

impl Progress {
    pub(crate) fn new(changes: u64) -> Self {
        let bars = indicatif::MultiProgress::new();
        let bar = |what: &'static str| {
            let style = ProgressStyle::with_template(
                "{prefix:>10} {bar:20} {pos:>5}/{len} {elapsed:>4} {wide_msg}",
            )
            .unwrap_or_else(|_| ProgressStyle::default_bar());
            bars.add(
                ProgressBar::new(changes)
                    .with_style(style)
                    .with_prefix(what),
            )
        };
        Self {
            asked: bar("asked for"),
            done: bar("done"),
        }
    }

    pub(crate) fn asked(&self) {
        self.asked.inc(1);
    }

    /// So many requests were taken.
    pub(crate) fn asked_for(&self) -> u64 {
        self.asked.position()
    }

    pub(crate) fn done(&self, jobs: u64, more: String) {
        self.done.set_position(jobs);
        self.done.set_message(more);
    }

    pub(crate) fn say(&self, words: &str) {
        self.done.suspend(|| say(format_args!("  {words}")));
    }

    pub(crate) fn finish(&self) {
        self.asked.finish_and_clear();
        self.done.finish_and_clear();
    }
}
