//! How long a day is, and how much happens in it.

use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy)]
pub(crate) struct Length {
    pub(crate) minutes_per_hour: u32,
    pub(crate) jobs_per_minute: u32,
}

impl Length {
    pub(crate) const HOURS: u32 = 24;
    /// From here on nothing grows: what is kept longest has been removed for the first time.
    pub(crate) const SETTLED: usize = 4;
    /// Midnight comes after so many hours: there a day of history ends on Postgres.
    pub(crate) const HOURS_BEFORE_MIDNIGHT: u32 = 6;

    pub(crate) fn chosen() -> Self {
        if std::env::var_os("LEASEHOLD_SLOW").is_some() {
            Self {
                minutes_per_hour: 60,
                jobs_per_minute: 40,
            }
        } else {
            Self {
                minutes_per_hour: 10,
                jobs_per_minute: 20,
            }
        }
    }

    pub(crate) fn hour(self) -> Duration {
        MINUTE * self.minutes_per_hour
    }

    /// For how long what has ended is kept.
    pub(crate) fn kept(self) -> Duration {
        self.hour() * 2
    }
}
