//! The command line.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use queue_core::{Act, Actor, JobId};
use queue_ops::Exit;

use crate::artifacts::{Artifact, Artifacts, Show, show};
use crate::config::ServiceConfig;
use crate::review::{AcceptedVersions, check_answer};
use crate::running::{Failed, Role, open, run};

/// Reviews changes of a version-control depot
#[derive(Debug, Parser)]
#[command(name = "review-service", version, after_help = Exit::table())]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take requests over HTTP, until told to stop
    Serve(Running),
    /// Work on what was asked for and send the mails, until told to stop
    Work(Running),
    /// Say whether the configuration is one to work with
    CheckConfig(Configured),
    /// Print the verdict on one answer of a model, from standard input
    CheckAnswer(Checking),
    /// What is kept of reviews
    #[command(subcommand)]
    Artifact(ArtifactCommand),
}

#[derive(Debug, Args)]
struct Configured {
    /// The configuration
    #[arg(
        long,
        env = "REVIEW_CONFIG",
        value_name = "FILE",
        default_value = "review.toml"
    )]
    config: PathBuf,
}

#[derive(Debug, Args)]
struct Running {
    #[command(flatten)]
    configured: Configured,
    /// Bring the database's schema to the newest version first, and make it if it is not there
    #[arg(long)]
    migrate: bool,
}

#[derive(Debug, Args)]
struct Checking {
    #[command(flatten)]
    answer: check_answer::CheckAnswer,
    /// The configuration whose versions are read; those of this program unless one is given
    #[arg(long, env = "REVIEW_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum ArtifactCommand {
    /// Write an artifact to standard output; that somebody reads a raw one goes on record first
    Show {
        #[command(flatten)]
        configured: Configured,
        /// The number of the job
        job: i64,
        /// raw/diff, raw/prompt, raw/answer, redacted/diff or redacted/answer
        artifact: Artifact,
        /// What it is read for, as a ticket says it
        #[arg(long, value_name = "TEXT", value_parser = queue_ops::reason)]
        reason: String,
        /// Who reads it; the user of the operating system unless it is said
        #[arg(
            long,
            env = "LEASEHOLD_ACTOR",
            hide_env_values = true,
            value_name = "NAME"
        )]
        actor: Option<Actor>,
    },
}

/// Runs the program by this process's arguments and environment, and returns what to end with.
#[must_use]
pub fn run_program() -> Exit {
    let program = match Program::try_parse() {
        Ok(program) => program,
        Err(error) => {
            // To stdout what was asked for, to stderr what is wrong.
            drop(error.print());
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
        }
    };
    match program.command.act() {
        Ok(exit) => exit,
        Err(failed) => {
            // Nowhere else to say it.
            drop(writeln!(io::stderr(), "review-service: {failed}"));
            failed.exit()
        }
    }
}

impl Command {
    fn act(self) -> Result<Exit, Failed> {
        match self {
            Self::Serve(running) => running.run(Role::Serve),
            Self::Work(running) => running.run(Role::Work),
            Self::CheckConfig(configured) => configured.check(),
            Self::CheckAnswer(arguments) => check(&arguments),
            Self::Artifact(command) => command.act(),
        }
    }
}

impl Running {
    fn run(self, role: Role) -> Result<Exit, Failed> {
        let config = self.configured.read()?;
        runtime()?.block_on(run(role, config, self.migrate))?;
        Ok(Exit::Done)
    }
}

impl Configured {
    fn read(&self) -> Result<ServiceConfig, Failed> {
        Ok(ServiceConfig::read(&self.config)?)
    }

    /// As far as can be said without connecting to anything: secrets are read.
    fn check(&self) -> Result<Exit, Failed> {
        let config = self.read()?;
        config.check_secrets()?;
        for finding in config.findings() {
            drop(writeln!(io::stderr(), "finding: {finding}"));
        }
        drop(writeln!(io::stdout(), "the configuration is valid"));
        Ok(Exit::Done)
    }
}

impl ArtifactCommand {
    fn act(self) -> Result<Exit, Failed> {
        let Self::Show {
            configured,
            job,
            artifact,
            reason,
            actor,
        } = self;
        let config = configured.read()?;
        let actor = queue_ops::actor(actor.as_ref());
        let actor = actor.map_err(|problem| Failed::new(Exit::Usage, problem))?;
        let wanted = Show {
            job: JobId::new(job),
            artifact,
            act: Act::new(actor, reason),
        };
        let shown = runtime()?.block_on(async {
            let artifacts = Artifacts::open(&config.artifacts);
            let artifacts = artifacts.map_err(|error| Failed::new(Exit::Input, error))?;
            let opened = open(&config, false).await?;
            let mut text = Vec::new();
            let shown = show(&artifacts, &*opened.store, &wanted, &mut text).await;
            shown.map_err(|error| Failed::new(error.exit(), error))?;
            opened.backend.close().await;
            Ok::<_, Failed>(text)
        })?;
        print(&shown)
    }
}

fn check(arguments: &Checking) -> Result<Exit, Failed> {
    let versions = match &arguments.config {
        Some(path) => ServiceConfig::read(path)?.versions,
        None => AcceptedVersions::default(),
    };
    let (answer, output) = (io::stdin().lock(), io::stdout().lock());
    let checked = check_answer::run(&arguments.answer, &versions, answer, output);
    checked.map_err(|error| Failed::new(error.exit(), error))
}

/// As it is into a file or a pipe; on a terminal without what a terminal obeys.
fn print(bytes: &[u8]) -> Result<Exit, Failed> {
    let mut out = io::stdout().lock();
    let written = if out.is_terminal() {
        let text = String::from_utf8_lossy(bytes);
        let obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        out.write_all(text.replace(obeyed, "\u{fffd}").as_bytes())
    } else {
        out.write_all(bytes)
    };
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failed::new(
            Exit::Output,
            format_args!("the output cannot be written: {error}"),
        )),
        _ => Ok(Exit::Done),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.map_err(|error| {
        Failed::new(
            Exit::Internal,
            format_args!("the runtime cannot be started: {error}"),
        )
    })
}
