//! Asks the depot for changes, by its own client `p4` as a subprocess.
//!
//! There is no shell: the executable is fixed, and of what comes from outside only a [`Changelist`] reaches its
//! arguments, which is a number. The environment is empty but for what the client needs. When its time is over the
//! whole process group is ended, and so it is when nobody waits any more. Nothing that it wrote is in an error or in
//! a log.

mod change;
mod changelist;
mod config;
mod description;
mod error;
mod subprocess;
mod trouble;

use std::time::Duration;

use tokio::process::Command;

pub use change::{Change, ChangedFile};
pub use changelist::{Changelist, InvalidChangelist};
pub use config::{InvalidP4, P4Config};
pub use error::DepotError;

use subprocess::{Ended, Limits};

/// How long what has been killed may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(5);
/// How much is looked at of what the client says of an error, in bytes.
const MOST_SAID: usize = 16 * 1024;

/// The depot's client.
#[derive(Debug, Clone)]
pub struct P4 {
    config: P4Config,
}

impl P4 {
    /// As configured. Nothing is started yet.
    pub fn new(config: P4Config) -> Result<Self, InvalidP4> {
        config.check()?;
        Ok(Self { config })
    }

    /// The change of that number, with its files and differences.
    pub async fn describe(&self, changelist: Changelist) -> Result<Change, DepotError> {
        tracing::debug!(sub_command = "describe", %changelist, "asking the depot");
        let answered = self.ask_for(changelist).await;
        match &answered {
            Ok(change) => {
                let (files, cut) = (change.files.len(), change.cut);
                tracing::info!(sub_command = "describe", %changelist, files, cut, "the depot answered");
            }
            Err(error) => {
                let class = error.class();
                tracing::warn!(sub_command = "describe", %changelist, class, "the depot gave no change");
            }
        }
        answered
    }

    async fn ask_for(&self, changelist: Changelist) -> Result<Change, DepotError> {
        let mut command = self.command();
        command
            .args(["describe", "-du"])
            .arg(changelist.to_string());
        let ended = subprocess::run(command, &self.limits()).await?;
        match ended {
            Ended::Full { out } => description::read(changelist, &out, true),
            Ended::Exited {
                out, code: Some(0), ..
            } => description::read(changelist, &out, false),
            Ended::Exited { said, code, .. } => Err(trouble::of(changelist, &said, code)),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.config.executable);
        // `P4CONFIG` and its like are looked for in the folder of whoever asks.
        command
            .current_dir("/")
            .env_clear()
            .envs(self.config.environment());
        command
    }

    fn limits(&self) -> Limits {
        Limits {
            time: self.config.timeout.get(),
            gone: GONE_WITHIN,
            out: self.config.max_output,
            said: MOST_SAID,
        }
    }
}
