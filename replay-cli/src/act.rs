//! Who does something and why.

use clap::Args;
use queue_core::{Act, Actor};
pub(crate) use queue_ops::reason;

use crate::answer::Failure;

/// What every change takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Why {
    /// Why; it is kept in the audit trail
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: String,
    /// Who; the user of the operating system unless it is said
    #[arg(
        long,
        value_name = "NAME",
        env = "LEASEHOLD_ACTOR",
        hide_env_values = true
    )]
    pub(crate) actor: Option<Actor>,
}

/// What a change takes that is made by scripts, as a part of what has its reason elsewhere.
#[derive(Debug, Clone, Args)]
pub(crate) struct PerhapsWhy {
    /// Why, if there is more to say than that it was run; it is kept in the audit trail
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: Option<String>,
    /// Who; the user of the operating system unless it is said
    #[arg(
        long,
        value_name = "NAME",
        env = "LEASEHOLD_ACTOR",
        hide_env_values = true
    )]
    actor: Option<Actor>,
}

impl PerhapsWhy {
    pub(crate) fn act(&self) -> Result<Act, Failure> {
        let reason = self.reason.as_deref().unwrap_or("no reason was given");
        Ok(Act::new(actor(self.actor.as_ref())?, reason))
    }
}

impl Why {
    pub(crate) fn act(&self) -> Result<Act, Failure> {
        Ok(Act::new(actor(self.actor.as_ref())?, self.reason.clone()))
    }
}

/// Who was given, or the user of the operating system.
pub(crate) fn actor(given: Option<&Actor>) -> Result<Actor, Failure> {
    queue_ops::actor(given).map_err(Failure::usage)
}
