//! A stand-in for the depot's client: it answers `describe` from the [recorded changes](super::changes), and behaves
//! as each of them says.
//!
//! The depot that it speaks for is named by `P4PORT`, as any is: `stand-in:FOLDER?seed=N`. In the folder it counts
//! how often it was asked, since some of the changes are only to be had by asking again.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use rustix::process::getppid;

use super::changes::{DepotBehaviour, Recorded};
use super::tally::Tally;

/// How much [`DepotBehaviour::TooMuch`] writes, if somebody reads it.
pub const TOO_MUCH: usize = 100 * 1024 * 1024;
/// How long what hangs does so: longer than anybody waits, and not for ever where nobody ends it.
const HANGS_FOR: Duration = Duration::from_secs(120);
/// How soon it sees that nobody waits any more.
const LOOKS_EVERY: Duration = Duration::from_millis(50);
/// What the child is started with that hangs, too.
const HANG: &str = "hang";
/// The folder in the depot's folder where what hangs writes its process ids.
pub const HANGING: &str = "hanging";

/// The depot that `P4PORT` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Depot {
    /// Where it counts.
    pub folder: PathBuf,
    /// Of which seed its changes are.
    pub seed: u64,
}

impl Depot {
    /// As `P4PORT` names it.
    #[must_use]
    pub fn port(&self) -> String {
        format!("stand-in:{}?seed={}", self.folder.display(), self.seed)
    }

    /// Reads what [`Self::port`] wrote.
    #[must_use]
    pub fn of(port: &str) -> Option<Self> {
        let (folder, seed) = port.strip_prefix("stand-in:")?.rsplit_once("?seed=")?;
        Some(Self {
            folder: PathBuf::from(folder),
            seed: seed.parse().ok()?,
        })
    }

    /// How often it was asked.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally::new(&self.folder)
    }
}

/// Whether a program that was called by that name is to be this one.
#[must_use]
pub fn is_called(program: Option<&OsString>) -> bool {
    let name = program.and_then(|program| Path::new(program).file_name());
    name.is_some_and(|name| name == "p4")
}

/// The program: `p4 describe -du CHANGELIST`.
#[must_use]
pub fn main(arguments: &[String]) -> ExitCode {
    let port = env::var("P4PORT").unwrap_or_default();
    let Some(depot) = Depot::of(&port) else {
        return said("P4PORT names no stand-in; write stand-in:FOLDER?seed=N.");
    };
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["describe", "-du", number] => match number.parse() {
            Ok(changelist) => describe(&depot, changelist),
            Err(_) => {
                return said(&format!(
                    "Invalid changelist/client/label/date '@{number}'."
                ));
            }
        },
        [HANG] => hang(&depot, || true),
        _ => return said("The stand-in knows `describe -du CHANGELIST` and nothing else."),
    };
    match done {
        Ok(code) => code,
        // Whoever read has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        Err(error) => said(&format!("The stand-in failed: {error}.")),
    }
}

fn describe(depot: &Depot, changelist: u64) -> io::Result<ExitCode> {
    let change = Recorded::of(depot.seed, changelist);
    let asked = depot.tally().count(changelist)?;
    match change.depot {
        DepotBehaviour::Refuses(times) if asked <= u64::from(times) => Ok(said(
            "Perforce client error:\n\tConnect to server failed; check $P4PORT.\n\tTCP connect to depot:1666 failed.\n\
             \tconnect: depot:1666: Connection refused",
        )),
        DepotBehaviour::Hangs(times) if asked <= u64::from(times) => {
            // With a child, as a client that runs a merge tool or a login helper has.
            let program = env::args_os().next().unwrap_or_default();
            let asker = getppid();
            let mut child = Command::new(program).arg(HANG).spawn()?;
            // Whoever asked ends both, by their group; one that was killed meanwhile ends nobody.
            let hung = hang(depot, || getppid() == asker);
            child.kill()?;
            child.wait()?;
            hung
        }
        DepotBehaviour::NoSuchChange => Ok(said(&format!("{changelist} - no such changelist."))),
        DepotBehaviour::TooMuch => {
            write(&change)?;
            too_much()
        }
        _ => write(&change),
    }
}

fn write(change: &Recorded) -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let number = change.changelist;
    let author = &change.author;
    writeln!(
        out,
        "Change {number} by {author}@{author}-workspace on 2026/03/14 15:09:26\n"
    )?;
    for line in change.description.lines() {
        writeln!(out, "\t{line}")?;
    }
    writeln!(out, "\nAffected files ...\n")?;
    for file in &change.files {
        writeln!(out, "... {}#{} {}", file.path, file.revision, file.action)?;
    }
    write!(out, "\nDifferences ...\n\n{}", change.diff)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Lines that say nothing, more of them than anybody reads.
fn too_much() -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let lines = "+    // generated, do not edit\n".repeat(4096);
    for _ in 0..TOO_MUCH.div_ceil(lines.len()) {
        out.write_all(lines.as_bytes())?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Says who hangs, and does, for as long as somebody waits.
fn hang(depot: &Depot, is_waited_for: impl Fn() -> bool) -> io::Result<ExitCode> {
    let folder = depot.folder.join(HANGING);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(std::process::id().to_string()), "")?;
    let until = Instant::now() + HANGS_FOR;
    while Instant::now() < until && is_waited_for() {
        std::thread::sleep(LOOKS_EVERY);
    }
    Ok(ExitCode::FAILURE)
}

/// To standard error, where the client has its troubles.
fn said(text: &str) -> ExitCode {
    // There is nowhere else to say it.
    drop(writeln!(io::stderr(), "{text}"));
    ExitCode::FAILURE
}
