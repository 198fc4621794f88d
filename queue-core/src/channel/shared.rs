//! A channel that several hold, or whose kind is only known when the program runs.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Capabilities, Channel, Gate, Lookup, Outgoing, Receipt, SendError};

/// Each verb is passed on: a default of the trait in its place would change what the channel can do.
#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<C: Channel + ?Sized> Channel for Arc<C> {
    fn capabilities(&self) -> Capabilities {
        (**self).capabilities()
    }

    async fn send(&self, message: &Outgoing, gate: &mut Gate) -> Result<Receipt, SendError> {
        (**self).send(message, gate).await
    }

    async fn lookup(&self, message: &Outgoing) -> Result<Lookup, SendError> {
        (**self).lookup(message).await
    }
}
