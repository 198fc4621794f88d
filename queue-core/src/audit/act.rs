//! Who does something and why.

use crate::Actor;

/// Who does something and why. Every operator's verb takes one.
///
/// ```
/// use queue_core::{Act, Actor};
/// let act = Act::new(Actor::new("ada").unwrap(), "queue floods the provider, OPS-17");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Who.
    pub actor: Actor,
    /// Why.
    pub reason: String,
}

impl Act {
    /// Who and why.
    pub fn new(actor: Actor, reason: impl Into<String>) -> Self {
        Self {
            actor,
            reason: reason.into().replace('\0', "\u{fffd}"),
        }
    }
}
