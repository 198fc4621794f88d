//! Who does something and why.

use clap::Args;
use queue_core::{Act, Actor};

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

/// The longest reason.
const LONGEST: usize = 1000;

pub(crate) fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control) {
        return Err(format!(
            "write 1 to {LONGEST} bytes of text in one line, such as 'the relay is back, OPS-17'"
        ));
    }
    Ok(text.to_owned())
}

impl Why {
    pub(crate) fn act(&self) -> Result<Act, Failure> {
        Ok(Act::new(actor(self.actor.as_ref())?, self.reason.clone()))
    }
}

/// Who was given, or the user of the operating system.
pub(crate) fn actor(given: Option<&Actor>) -> Result<Actor, Failure> {
    if let Some(actor) = given {
        return Ok(actor.clone());
    }
    let name = whoami::username().map_err(|error| {
        Failure::usage(format!(
            "the operating system does not say who you are ({error}): give --actor NAME"
        ))
    })?;
    Actor::new(name).map_err(|error| Failure::usage(format!("{error}, by --actor NAME")))
}
