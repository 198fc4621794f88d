//! `check-answer`: what the service would make of one answer, for those who write prompts.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use queue_ops::Exit;

use super::{AcceptedVersions, AnswerContract};

/// A list of more is a mistake.
const LONGEST_LIST: u64 = 16 * 1024 * 1024;

/// What the subcommand is given.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  review-service check-answer --changed-files files.txt < answer.json
  review-service check-answer --changed-files files.txt < answer.json | jq -r '.diagnostics[].code'

It prints the verdict as JSON: the findings that would be sent, and every diagnostic with code, reason, path and
action. What the codes mean: leasehold explain CODE.

Exit codes:
    0  the answer was accepted, all of it or in part
    2  the answer was rejected
   65  the list of changed files is not one
   66  the list of changed files, or the answer, cannot be read
   74  the output cannot be written; a closed pipe is no error
   78  the configured versions are not valid")]
pub struct CheckAnswer {
    /// The files of the change: one path per line, as the depot writes it
    #[arg(long, value_name = "FILE")]
    pub changed_files: PathBuf,
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
#[error("{said}")]
pub struct NoVerdict {
    exit: Exit,
    said: String,
}

impl NoVerdict {
    fn new(exit: Exit, said: impl Into<String>) -> Self {
        let said = said.into();
        Self { exit, said }
    }

    /// What the process ends with.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

/// Reads an answer and writes the verdict on it, by the versions that the service reads.
///
/// # Errors
///
/// [`NoVerdict`] if there is nothing to judge, or nowhere to say it.
///
/// ```
/// use queue_ops::Exit;
/// use review_service::review::{AcceptedVersions, check_answer};
/// # let dir = tempfile::tempdir().unwrap();
/// # let changed_files = dir.path().join("files.txt");
/// std::fs::write(&changed_files, "//depot/app/src/a.rs\n").unwrap();
/// let arguments = check_answer::CheckAnswer { changed_files };
/// let answer = r#"{"schema_version": "1.0", "prompt_version": "1.0.0", "findings": []}"#;
/// let mut said = Vec::new();
/// let versions = AcceptedVersions::default();
/// let exit = check_answer::run(&arguments, &versions, answer.as_bytes(), &mut said).unwrap();
/// assert_eq!(exit, Exit::Done);
/// assert!(String::from_utf8(said).unwrap().contains(r#""verdict": "accepted""#));
/// ```
pub fn run(
    arguments: &CheckAnswer,
    versions: &AcceptedVersions,
    answer: impl Read,
    mut output: impl Write,
) -> Result<Exit, NoVerdict> {
    let contract = AnswerContract::new(versions)
        .map_err(|invalid| NoVerdict::new(Exit::Config, invalid.to_string()))?;
    let files = changed_files(&arguments.changed_files)?;
    let answer = beginning(answer, contract.longest() as u64)
        .map_err(|error| cannot_be_read("the answer", &error))?;
    let checked = contract.check(answer, &files, None);
    let mut text = serde_json::to_string_pretty(&checked)
        .map_err(|error| NoVerdict::new(Exit::Internal, error.to_string()))?;
    text.push('\n');
    match output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let said = format!("the verdict cannot be written: {error}");
            Err(NoVerdict::new(Exit::Output, said))
        }
        _ if checked.is_accepted() => Ok(Exit::Done),
        _ => Ok(Exit::Rejected),
    }
}

/// The paths in a file, one per line. An empty list would drop every finding, and is a mistake.
fn changed_files(path: &Path) -> Result<Vec<String>, NoVerdict> {
    let name = path.display();
    let read = File::open(path).and_then(|file| beginning(file, LONGEST_LIST));
    let bytes = read.map_err(|error| cannot_be_read(&name.to_string(), &error))?;
    let wrong = |what: &str| {
        let said = format!("{name} {what}: write one path per line, as in //depot/app/src/main.rs");
        NoVerdict::new(Exit::Data, said)
    };
    if bytes.len() as u64 > LONGEST_LIST {
        return Err(wrong("is larger than any list of files"));
    }
    let text = String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text.trim_start().starts_with(['[', '{']) {
        return Err(wrong("looks like JSON"));
    }
    let lines = text.lines().map(str::trim);
    let files: Vec<_> = lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    match files.is_empty() {
        true => Err(wrong("names no file")),
        false => Ok(files),
    }
}

/// As much as is wanted, and one byte more, by which it is known that there was more.
fn beginning(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn cannot_be_read(what: &str, error: &io::Error) -> NoVerdict {
    NoVerdict::new(Exit::Input, format!("{what} cannot be read: {error}"))
}
