//! What a far side says when it is asked for a message.

use crate::ProviderId;

/// What the far side knows of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// It has it.
    Found {
        /// Its id for it.
        provider_id: Option<ProviderId>,
    },
    /// It has not got it (yet): see [`Capabilities::lookup`](crate::channel::Capabilities::lookup).
    Absent,
    /// It cannot say.
    CannotTell,
}
