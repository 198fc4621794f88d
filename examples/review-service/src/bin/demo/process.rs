//! Another process, by a name of its own.

use std::fs::OpenOptions;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::folder::Folder;
use crate::leash;
use crate::roles::Role;

/// How long one may take to start and to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// One that runs. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    log: PathBuf,
    child: Child,
}

impl Process {
    /// What it says goes into a file with its name.
    pub(crate) fn start(folder: &Folder, role: Role, name: &str, words: &[&str]) -> Result<Self> {
        let path = folder.logs().join(format!("{name}.log"));
        let log = OpenOptions::new().create(true).append(true).open(&path)?;
        let mut command = Command::new(folder.program(role));
        // The configurations say all: a variable would win over them, and name another database.
        for (variable, _) in std::env::vars_os() {
            if ["LEASEHOLD_", "REVIEW_"]
                .iter()
                .any(|ours| variable.to_string_lossy().starts_with(ours))
            {
                command.env_remove(variable);
            }
        }
        let child = leash::put_on(&mut command)
            .args(words)
            .current_dir(folder.path())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        Ok(Self {
            name: name.to_owned(),
            log: path,
            child,
        })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until somebody listens there.
    pub(crate) async fn listens(&mut self, place: SocketAddr) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(place).is_err() {
            self.check()?;
            if Instant::now() > until {
                bail!(
                    "{} does not listen at {place}: see {}",
                    self.name,
                    self.log.display()
                );
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// None of them ends by itself.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            Some(status) => bail!(
                "{} ended by itself ({status}): {}",
                self.name,
                self.last_words()
            ),
            None => Ok(()),
        }
    }

    /// The last line of its log, and where there is more.
    fn last_words(&self) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let last = log.lines().last().unwrap_or("it said nothing");
        format!("{last}\nsee {}", self.log.display())
    }

    /// SIGKILL: it gets no chance to tidy up.
    pub(crate) fn kill(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// SIGTERM, and waits for its end.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(id) = id {
            // One that is gone already is what was wanted.
            let _ = kill_process(id, Signal::TERM);
        }
        let until = Instant::now() + PATIENCE;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > until {
                bail!("{} does not stop: see {}", self.name, self.log.display());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // If the demonstration itself fails, nothing of it must stay behind. Already dead is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
