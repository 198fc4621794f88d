//! What the daemon takes of a machine when there is nothing to do: the whole program in a process of its own, with what
//! it does by default.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;

use crate::backend;
use crate::case::Case;
use crate::contestant::Contestant;
use crate::record::Sample;
use crate::target::Target;
use crate::venue::{Engine, Place};

const PROGRAM: &str = "leasehold-sweeper";
/// Of the clock that the system counts a process's time by; it is so on every Linux that there is.
const TICKS_PER_SECOND: f64 = 100.0;

/// The case of one database.
pub(super) fn case(engine: Engine, quick: bool) -> Case {
    let lasts = Duration::from_secs(if quick { 5 } else { 30 });
    let title = format!("{} s with nothing to do", lasts.as_secs());
    let target = Target {
        cpu_percent: Some(0.5),
        ..Target::peak_mib(40.0)
    };
    Case::new(engine, "idle", title, PROGRAM).with(PROGRAM, Some(target), Idle { lasts })
}

/// The daemon, if this process was started as one.
pub(crate) fn daemon() -> Option<ExitCode> {
    let name = std::env::args_os().next()?;
    (Path::new(&name).file_name() == Some(OsStr::new(PROGRAM))).then(|| sweeper::run().into())
}

#[derive(Debug)]
struct Idle {
    lasts: Duration,
}

/// Ended with whoever looks at it.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Daemon {
    /// Once each of its loops has had its first pass.
    fn start(url: &str) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg0(PROGRAM)
            .env("LEASEHOLD_DATABASE_URL", url)
            .env("LEASEHOLD_HTTP_LISTEN", "127.0.0.1:0")
            .stderr(Stdio::piped());
        let mut daemon = Self(command.spawn().context("starting the daemon")?);
        let said = daemon.0.stderr.take().context("its log")?;
        let mut lines = BufReader::new(said).lines();
        let is_ready = |line: &std::io::Result<String>| {
            line.as_ref()
                .is_ok_and(|line| line.contains("every loop has had its first pass"))
        };
        ensure!(
            lines.any(|line| is_ready(&line)),
            "the daemon is never ready"
        );
        // What it says from now on is read, so that it is not kept from going on.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(daemon)
    }

    fn read(&self, file: &str) -> Result<String> {
        let path = format!("/proc/{}/{file}", self.0.id());
        std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))
    }

    /// How long its threads have run, in seconds.
    fn ran(&self) -> Result<f64> {
        let stat = self.read("stat")?;
        // Behind the name, which may hold anything: state is the first, user and system time the 12th and 13th.
        let (_, fields) = stat.rsplit_once(')').context("a stat without a name")?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let ticks = |at: usize| {
            fields
                .get(at)
                .context("a short stat")?
                .parse()
                .context("a time")
        };
        let (user, system): (f64, f64) = (ticks(11)?, ticks(12)?);
        Ok((user + system) / TICKS_PER_SECOND)
    }

    /// The most that was ever resident.
    fn peak_mib(&self) -> Result<f64> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|rest| rest.split_whitespace().next());
        let kib: f64 = kib.context("no figure of its memory")?.parse()?;
        Ok(kib / 1024.0)
    }
}

#[async_trait]
impl Contestant for Idle {
    async fn run(&self, place: &Place) -> Result<Sample> {
        drop(backend::open(place).await?);
        let daemon = Daemon::start(&backend::url(place, None))?;
        let (begun, before) = (Instant::now(), daemon.ran()?);
        tokio::time::sleep(self.lasts).await;
        let (took, ran) = (begun.elapsed(), daemon.ran()? - before);
        Ok(Sample {
            peak_mib: Some(daemon.peak_mib()?),
            cpu_percent: Some(100.0 * ran / took.as_secs_f64()),
            ..Sample::new(0, took)
        })
    }
}
