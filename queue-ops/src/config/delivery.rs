//! What holds for all channels together.

use queue_core::WorkerName;
use serde::{Deserialize, Serialize};

use super::Span;

/// What holds for all channels together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DeliverySection {
    /// How it is known to the store.
    pub name: Option<WorkerName>,
    /// How long sends may go on when the process is to stop.
    pub grace: Span,
    /// How often doubts are taken up.
    pub reconcile_every: Span,
    /// How often incidents are looked at whose cause may be gone.
    pub resolve_every: Span,
}

impl Default for DeliverySection {
    fn default() -> Self {
        Self {
            name: None,
            grace: Span::secs(30),
            reconcile_every: Span::secs(5),
            resolve_every: Span::secs(15),
        }
    }
}
