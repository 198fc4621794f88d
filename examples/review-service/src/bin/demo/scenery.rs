//! What the processes are told besides their configurations; kept, so that they can be started again.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::folder::Folder;
use crate::ports::Ports;

const FILE: &str = "scenery.json";

/// What they are told.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Scenery {
    pub(crate) ports: Ports,
    pub(crate) seed: u64,
    /// Whether the model answers everything as agreed, whatever the seed says.
    pub(crate) well: bool,
}

impl Scenery {
    pub(crate) fn keep(&self, folder: &Folder) -> Result<()> {
        folder.write(FILE, &serde_json::to_string_pretty(self)?)
    }

    /// As the demonstration in the folder had it.
    pub(crate) fn left(folder: &Folder) -> Result<Self> {
        let path = folder.file(FILE);
        let read = || Ok::<_, anyhow::Error>(serde_json::from_slice(&std::fs::read(&path)?)?);
        read().with_context(|| format!("{} cannot be read", path.display()))
    }
}
