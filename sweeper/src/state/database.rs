//! Whether the database answers. A line is logged when that changes, whatever the number of loops.

use std::time::Instant;

use queue_core::StoreError;
use queue_ops::shown_error;

#[derive(Debug, Clone, Default)]
pub(crate) struct DatabaseState {
    /// When it answered last.
    pub(crate) answered_at: Option<Instant>,
    /// Since when it does not, and in what words.
    pub(crate) trouble: Option<Trouble>,
}

#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    pub(crate) since: Instant,
    pub(crate) code: &'static str,
    pub(crate) error: String,
}

impl DatabaseState {
    pub(super) fn answered(&mut self) {
        self.answered_at = Some(Instant::now());
        if let Some(trouble) = self.trouble.take() {
            let seconds = trouble.since.elapsed().as_secs();
            tracing::warn!(seconds, "the database answers again");
        }
    }

    /// What began before the last answer tells of the past.
    pub(super) fn failed(&mut self, begun: Instant, error: &StoreError) {
        if self.answered_at.is_some_and(|at| at > begun) {
            return;
        }
        let (code, text) = (error.catalogued().as_str(), shown_error(error));
        match &mut self.trouble {
            Some(trouble) => {
                trouble.code = code;
                trouble.error = text;
            }
            None => {
                tracing::warn!(code, %error, "the database does not answer; trying until it does");
                self.trouble = Some(Trouble {
                    since: Instant::now(),
                    code,
                    error: text,
                });
            }
        }
    }
}
