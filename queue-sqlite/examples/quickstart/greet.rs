//! The job.

use std::time::Duration;

use queue_core::Job;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Greet {
    pub(crate) number: usize,
}

impl Job for Greet {
    const KIND: &'static str = "greet";
    const QUEUE: &'static str = "greetings";
    /// The killed worker's jobs come back when its leases end; short, so that the wait is.
    const LEASE: Duration = Duration::from_secs(1);

    fn unique_key(&self) -> Option<String> {
        Some(format!("greet {}", self.number))
    }
}
