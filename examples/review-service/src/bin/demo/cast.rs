//! All the processes, and who stands in for one that was killed.

use std::fs;

use anyhow::Result;
use review_service::stand_in::p4::HANGING;
use rustix::process::{Pid, Signal, kill_process};

use crate::configuration::{LIBRARY, SERVICE};
use crate::folder::Folder;
use crate::process::Process;
use crate::roles::{Role, WELL};
use crate::scenery::Scenery;

/// What a process is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Mail,
    Model,
    Ingest,
    Sweeper,
    Worker,
}

/// The order in which they are started; they are stopped the other way round.
const PARTS: [Part; 6] = [
    Part::Mail,
    Part::Model,
    Part::Ingest,
    Part::Sweeper,
    Part::Worker,
    Part::Worker,
];

/// Those that run.
#[derive(Debug)]
pub(crate) struct Cast {
    folder: Folder,
    scenery: Scenery,
    running: Vec<(Part, Process)>,
    /// How many workers there were: each gets a name of its own.
    workers: u32,
}

impl Cast {
    /// Starts all of them, and waits until each can be spoken to.
    pub(crate) async fn start(folder: Folder, scenery: Scenery) -> Result<Self> {
        let mut cast = Self {
            folder,
            scenery,
            running: Vec::new(),
            workers: 0,
        };
        for part in PARTS {
            let process = cast.process(part).await?;
            cast.running.push((part, process));
        }
        Ok(cast)
    }

    async fn process(&mut self, part: Part) -> Result<Process> {
        let Scenery { ports, seed, well } = self.scenery;
        let folder = self.folder.clone();
        let start = |role, name: &str, words: &[&str]| Process::start(&folder, role, name, words);
        let (mail, asked) = (folder.mail(), folder.model());
        let (mut process, place) = match part {
            Part::Mail => {
                let place = ports.mail;
                let words = [&*place.to_string(), &*mail.to_string_lossy()];
                (start(Role::Mail, "mail", &words)?, Some(place))
            }
            Part::Model => {
                let place = ports.model;
                let mood = if well { WELL } else { "" };
                let words = [
                    &*place.to_string(),
                    &*format!("{seed}{mood}"),
                    &*asked.to_string_lossy(),
                ];
                (start(Role::Model, "model", &words)?, Some(place))
            }
            Part::Ingest => {
                let words = ["serve", "--config", SERVICE];
                (start(Role::Service, "ingest", &words)?, Some(ports.ingest))
            }
            Part::Sweeper => {
                let words = ["--config", LIBRARY];
                (start(Role::Sweeper, "sweeper", &words)?, Some(ports.health))
            }
            Part::Worker => {
                self.workers += 1;
                let name = format!("worker-{}", self.workers);
                (
                    start(Role::Service, &name, &["work", "--config", SERVICE])?,
                    None,
                )
            }
        };
        if let Some(place) = place {
            process.listens(place).await?;
        }
        Ok(process)
    }

    /// All that run must run.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.running
            .iter_mut()
            .try_for_each(|(_, process)| process.check())
    }

    /// So many there are.
    pub(crate) fn len(&self) -> usize {
        self.running.len()
    }

    /// The place among them of the first worker.
    pub(crate) fn first_worker(&self) -> Option<usize> {
        self.running
            .iter()
            .position(|(part, _)| *part == Part::Worker)
    }

    /// The process there: what it is for, and its id.
    pub(crate) fn at(&self, place: usize) -> Option<(Part, u32)> {
        self.running
            .get(place)
            .map(|(part, process)| (*part, process.id()))
    }

    /// Kills the process there, and starts another of the sort.
    pub(crate) async fn replace(&mut self, place: usize) -> Result<()> {
        if place >= self.running.len() {
            return Ok(());
        }
        let (part, process) = self.running.remove(place);
        process.kill()?;
        let process = self.process(part).await?;
        self.running.push((part, process));
        Ok(())
    }

    /// Stops them in order.
    pub(crate) async fn stop(mut self) -> Result<()> {
        while let Some((_, process)) = self.running.pop() {
            process.stop().await?;
        }
        Ok(())
    }
}

impl Drop for Cast {
    /// What a killed worker had started and hangs has nobody any more who would end it.
    fn drop(&mut self) {
        let Ok(entries) = fs::read_dir(self.folder.depot().join(HANGING)) else {
            return;
        };
        for entry in entries.flatten() {
            let id = entry.file_name().to_string_lossy().parse::<i32>().ok();
            let program = id.and_then(|id| fs::read(format!("/proc/{id}/cmdline")).ok());
            let ours = self.folder.program(Role::P4);
            // Its number may be another's by now.
            let is_ours =
                program.is_some_and(|line| line.starts_with(ours.as_os_str().as_encoded_bytes()));
            if let Some(id) = id.and_then(Pid::from_raw)
                && is_ours
            {
                let _ = kill_process(id, Signal::KILL);
            }
        }
    }
}
