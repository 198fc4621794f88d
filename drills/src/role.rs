//! The programs at a drill's prompt, which this package's own executable plays by the name that it is called by.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use queue_ops::Exit;

use crate::scene::{report, shop, systemd};

/// A program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The operators' command line.
    Leasehold,
    /// The daemon.
    Sweeper,
    /// The reference service.
    ReviewService,
    /// A service with a worker, whose releases are good or bad.
    Shop,
    /// A program that reads the database, and does not finish.
    Report,
    /// Asks the drill, which plays the service manager's part: what it starts, stops and signals are real processes.
    Systemctl,
    /// What those have logged.
    Journalctl,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Leasehold,
        Self::Sweeper,
        Self::ReviewService,
        Self::Shop,
        Self::Report,
        Self::Systemctl,
        Self::Journalctl,
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Leasehold => "leasehold",
            Self::Sweeper => "leasehold-sweeper",
            Self::ReviewService => "review-service",
            Self::Shop => "shop",
            Self::Report => "report",
            Self::Systemctl => "systemctl",
            Self::Journalctl => "journalctl",
        }
    }

    /// The one that a process was called as.
    #[must_use]
    pub fn of(program: Option<&OsString>) -> Option<Self> {
        let name = Path::new(program?).file_name()?;
        Self::ALL.into_iter().find(|role| name == role.name())
    }

    /// Plays it, to the end.
    #[must_use]
    pub fn play(self) -> ExitCode {
        let ended = std::panic::catch_unwind(|| match self {
            Self::Leasehold => replay_cli::run().into(),
            Self::Sweeper => sweeper::run().into(),
            Self::ReviewService => review_service::run_program().into(),
            Self::Shop => shop::run(),
            Self::Report => report::run(&words()),
            Self::Systemctl => systemd::ask("systemctl", &words()),
            Self::Journalctl => systemd::ask("journalctl", &words()),
        });
        ended.unwrap_or_else(|_| Exit::Internal.into())
    }
}

fn words() -> Vec<String> {
    let words = std::env::args_os().skip(1);
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}
