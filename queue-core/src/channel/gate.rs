//! The gate before the step that cannot be taken back.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI16, Ordering};

use async_trait::async_trait;

use crate::{DeliveryPhase, codes};

/// Why a send must not go on. The message was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateShut {
    /// The row is not ours any more: its lease ran out.
    #[error("the lease on the notification is lost")]
    LeaseLost,
    /// The store could not be told, and so must not be surprised.
    #[error("the phase could not be written down: {0}")]
    NotWritten(String),
}

/// Writes down that a send goes through the gate.
#[async_trait]
pub(crate) trait Noting: Send + Sync {
    async fn commit(&self) -> Result<(), GateShut>;
}

/// What stands before the step after which a message may have been taken.
///
/// ```
/// use queue_core::DeliveryPhase;
/// use queue_core::channel::Gate;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let mut gate = Gate::open(); // as a channel's own tests have it
/// gate.connecting();
/// assert_eq!(gate.reached(), DeliveryPhase::Connecting);
/// gate.commit().await.unwrap();
/// assert_eq!(gate.reached(), DeliveryPhase::Committing);
/// # }
/// ```
pub struct Gate {
    noting: Option<Box<dyn Noting>>,
    reached: Arc<AtomicI16>,
}

impl Gate {
    /// One that lets everything pass and writes nothing down: for tests of channels.
    #[must_use]
    pub fn open() -> Self {
        Self {
            noting: None,
            reached: Arc::new(AtomicI16::new(codes::phase_code(DeliveryPhase::Leased))),
        }
    }

    /// One that writes down what goes through, and leaves in `reached` how far that was.
    pub(crate) fn noted(noting: Box<dyn Noting>, reached: Arc<AtomicI16>) -> Self {
        Self {
            noting: Some(noting),
            reached,
        }
    }

    /// Says that the far side is being spoken to, without having seen the message.
    pub fn connecting(&mut self) {
        let phase = codes::phase_code(DeliveryPhase::Connecting);
        self.reached.fetch_max(phase, Ordering::AcqRel);
    }

    /// Lets the send pass, once that is written down. A second call passes at once.
    pub async fn commit(&mut self) -> Result<(), GateShut> {
        if self.reached() == DeliveryPhase::Committing {
            return Ok(());
        }
        if let Some(noting) = &self.noting {
            noting.commit().await?;
        }
        let phase = codes::phase_code(DeliveryPhase::Committing);
        self.reached.store(phase, Ordering::Release);
        Ok(())
    }

    /// How far the send got.
    #[must_use]
    pub fn reached(&self) -> DeliveryPhase {
        // Only codes of phases are ever stored.
        codes::phase(self.reached.load(Ordering::Acquire)).unwrap_or(DeliveryPhase::Committing)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("reached", &self.reached())
            .finish_non_exhaustive()
    }
}
