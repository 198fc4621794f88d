//! The parts that this executable plays, by the name that it is called by.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use queue_ops::Exit;
use review_service::stand_in::tally::Tally;
use review_service::stand_in::{mail, model, p4};
use tokio::net::TcpListener;

use crate::leash;

/// How long the stand-in for the model thinks about a change.
const THINKS: Duration = Duration::from_millis(20);

/// What stands behind the seed of a model that answers everything as agreed.
pub(crate) const WELL: &str = ",well";

/// A part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The service: what it does is its first argument.
    Service,
    /// The daemon.
    Sweeper,
    /// The depot's client.
    P4,
    /// The model's server.
    Model,
    /// The mail server.
    Mail,
}

impl Role {
    pub(crate) const ALL: [Self; 5] = [
        Self::Service,
        Self::Sweeper,
        Self::P4,
        Self::Model,
        Self::Mail,
    ];

    /// The name by which it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Service => "review-service",
            Self::Sweeper => "leasehold-sweeper",
            Self::P4 => "p4",
            Self::Model => "stand-in-model",
            Self::Mail => "stand-in-mail",
        }
    }

    /// The part of a program that was called like this.
    pub(crate) fn of(program: Option<&OsString>) -> Option<Self> {
        let name = Path::new(program?).file_name()?;
        Self::ALL.into_iter().find(|role| name == role.name())
    }

    /// Plays it, to the end.
    pub(crate) fn play(self) -> ExitCode {
        if let Err(error) = leash::wear() {
            eprintln!("error: {error}");
            return Exit::Internal.into();
        }
        match self {
            Self::Service => review_service::run_program().into(),
            Self::Sweeper => sweeper::run().into(),
            Self::P4 => p4::main(&words()),
            Self::Model => serve(&words(), |listener, [seed, folder]| async move {
                match seed.strip_suffix(WELL) {
                    Some(seed) => model::serve_well(listener, seed.parse()?, THINKS).await?,
                    None => {
                        model::serve(listener, seed.parse()?, THINKS, Tally::new(folder)).await?;
                    }
                }
                Ok(())
            }),
            Self::Mail => serve(&words(), |listener, [folder]| async move {
                Ok(mail::serve(listener, PathBuf::from(folder)).await?)
            }),
        }
    }
}

fn words() -> Vec<String> {
    let words = std::env::args_os().skip(1);
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// A server that is told where to listen, and so many things more.
fn serve<F, const MORE: usize>(
    words: &[String],
    server: impl FnOnce(TcpListener, [String; MORE]) -> F,
) -> ExitCode
where
    F: Future<Output = Result<()>>,
{
    let served = || {
        let told = words.split_first();
        let told = told.and_then(|(place, more)| Some((place, more.to_vec().try_into().ok()?)));
        let (place, more) =
            told.with_context(|| format!("it is told where to listen, and {MORE} things more"))?;
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            let listener = TcpListener::bind(place).await;
            server(listener.with_context(|| place.clone())?, more).await
        })
    };
    match served() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
