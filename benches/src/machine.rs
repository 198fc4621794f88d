//! What it was measured on.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::venue::{POSTGRES_SETTINGS, Venue};

/// A machine and its software, as far as figures depend on them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_gib: f64,
    pub(crate) kernel: String,
    pub(crate) file_system: String,
    /// How many processes wanted to run in the minute before, when the run began and ended.
    pub(crate) load: (String, String),
    pub(crate) sqlite: String,
    pub(crate) postgres: Option<String>,
    pub(crate) postgres_settings: Vec<String>,
}

impl Machine {
    /// This one.
    pub(crate) fn survey(venue: &Venue) -> Result<Self> {
        let postgres = match venue.cluster() {
            Some(cluster) => Some(cluster.sql("postgres", "SHOW server_version")?),
            None => None,
        };
        let file_system = file_system(venue.directory()).unwrap_or_else(|| "unknown".to_owned());
        if file_system == "tmpfs" {
            eprintln!(
                "warning: temporary files are in memory here, where a durable commit costs \
                 nothing; set TMPDIR to a directory on a disk"
            );
        }
        Ok(Self {
            processor: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism()?.get(),
            memory_gib: memory_gib()?,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")
                .context("asking for the kernel's version")?
                .trim()
                .to_owned(),
            file_system,
            load: (load(), String::new()),
            sqlite: rusqlite::version().to_owned(),
            postgres: postgres.map(|version| version.trim().to_owned()),
            postgres_settings: POSTGRES_SETTINGS.iter().map(|&s| s.to_owned()).collect(),
        })
    }
}

/// How many processes wanted to run in the last minute, on average.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let minute = text.split_whitespace().next();
    minute.unwrap_or("unknown").to_owned()
}

fn memory_gib() -> Result<f64> {
    let total = field("/proc/meminfo", "MemTotal").context("asking for the size of the memory")?;
    let kib: f64 = total
        .split_whitespace()
        .next()
        .context("the size of the memory is empty")?
        .parse()?;
    Ok(kib / 1024.0 / 1024.0)
}

/// What stands behind a name and a colon.
pub(crate) fn field(file: &str, name: &str) -> Option<String> {
    fs::read_to_string(file).ok()?.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

/// The sort of file system that a directory is on.
fn file_system(directory: &Path) -> Option<String> {
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    let directory = directory.canonicalize().ok()?;
    mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace().skip(1);
            Some((words.next()?, words.next()?))
        })
        .filter(|(point, _)| directory.starts_with(point))
        .max_by_key(|(point, _)| point.len())
        .map(|(_, kind)| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_can_be_described() {
        let machine = Machine::survey(&Venue::open(false).unwrap()).unwrap();
        assert!(machine.cores >= 1 && machine.memory_gib > 0.1);
        assert!(machine.sqlite.starts_with("3."));
        assert_ne!(machine.file_system, "unknown");
    }
}
