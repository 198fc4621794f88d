//! What to do while the database does not answer.

use std::time::{Duration, Instant};

use crate::backoff::Backoff;
use crate::{Jitter, StoreError};

/// A database that is not one to work with for so long will not become one.
const HOPELESS: Duration = Duration::from_secs(30);

/// A database that does not answer.
pub(crate) struct Trouble {
    backoff: Backoff,
    /// Since when.
    since: Option<Instant>,
    /// Whether it is told here.
    says: bool,
}

impl Default for Trouble {
    fn default() -> Self {
        Self {
            backoff: Backoff::trouble(),
            since: None,
            says: true,
        }
    }
}

impl Trouble {
    /// Of which somebody else tells.
    pub(crate) fn quiet() -> Self {
        Self {
            says: false,
            ..Self::default()
        }
    }

    /// How long to wait before another try. It is said once, until it is over. What no try can mend
    /// ends whoever asks: whoever watches over the process starts it anew, or calls somebody.
    pub(crate) fn with(
        &mut self,
        error: StoreError,
        what: &'static str,
    ) -> Result<Duration, StoreError> {
        let lasts = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        let hopeless = match error {
            StoreError::Closed { .. } => true,
            StoreError::Refused { .. }
            | StoreError::Corrupt { .. }
            | StoreError::SchemaMismatch { .. } => lasts >= HOPELESS,
            _ => false,
        };
        if hopeless {
            return Err(error);
        }
        if self.since.is_none() {
            self.since = Some(Instant::now());
            if self.says {
                tracing::warn!(%error, "{what}; trying again until it works");
            }
        }
        Ok(self.backoff.next(Jitter::random()))
    }

    pub(crate) fn is_over(&mut self) {
        if self.since.take().is_some() && self.says {
            tracing::info!("the database answers again");
        }
        self.backoff.reset();
    }
}
