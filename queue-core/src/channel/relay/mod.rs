//! What relays to brokers have in common.

mod shared;

pub(super) use shared::{Link, Shared};

/// Why a relay cannot be built, without the secrets of its configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the relay to {broker}: {problem}")]
pub struct InvalidRelay {
    /// To what.
    pub broker: &'static str,
    /// What is wrong, and what to write instead.
    pub problem: String,
}
