//! Talking to a peer's program.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use peer_protocol::{Answer, Synchronous};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::catalogue::Setting;
use super::program::Program;
use crate::venue::Place;

/// Who says nothing for so long has hung.
const PATIENCE: Duration = Duration::from_secs(900);
/// Of what a program complained about, so much is shown.
const COMPLAINT: usize = 2_000;

/// A program that does an errand.
#[derive(Debug)]
pub(super) struct Conversation {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    complaints: JoinHandle<String>,
}

/// What a program says before its answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Word {
    Ready,
    Runs(u64),
    Answer(Answer),
}

impl Conversation {
    /// Starts the program.
    pub(super) fn begin(
        program: &Program,
        place: &Place,
        setting: &Setting,
        errand: &str,
        arguments: &[(&str, String)],
    ) -> Result<Self> {
        let mut command = Command::new(&program.file);
        command
            .args(&program.arguments)
            .args([errand, "--database", &place.address])
            .args(["--setting", setting.name])
            .args(arguments.iter().flat_map(|(name, value)| [*name, value]));
        match setting.synchronous {
            Some(Synchronous::Full) => command.args(["--synchronous", "full"]),
            Some(Synchronous::Normal) => command.args(["--synchronous", "normal"]),
            None => &mut command,
        };
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", program.file.display()))?;
        let stdin = child.stdin.take().context("no standard input")?;
        let stdout = child.stdout.take().context("no standard output")?;
        let stderr = child.stderr.take().context("no standard error")?;
        Ok(Self {
            child,
            stdin,
            lines: BufReader::new(stdout).lines(),
            complaints: tokio::spawn(listen(stderr)),
        })
    }

    /// An errand that needs no word to begin.
    pub(super) async fn errand(
        program: &Program,
        place: &Place,
        setting: &Setting,
        errand: &str,
        arguments: &[(&str, String)],
    ) -> Result<Answer> {
        Self::begin(program, place, setting, errand, arguments)?
            .answer()
            .await
            .context(errand.to_owned())
    }

    /// What it says next.
    pub(super) async fn word(&mut self) -> Result<Word> {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        let Ok(line) = line else {
            bail!("nothing was heard for {PATIENCE:?}");
        };
        match line? {
            Some(line) => Word::parse(&line),
            None => Err(self.complaint().await),
        }
    }

    /// Waits until all is prepared.
    pub(super) async fn ready(&mut self) -> Result<()> {
        let word = self.word().await?;
        ensure!(
            word == Word::Ready,
            "`ready` was to come, and {word:?} came"
        );
        Ok(())
    }

    /// Lets it begin.
    pub(super) async fn go(&mut self) -> Result<()> {
        self.stdin.write_all(b"go\n").await?;
        Ok(self.stdin.flush().await?)
    }

    /// Ends a worker; the answer says how many it has run.
    pub(super) async fn stop(mut self) -> Result<Answer> {
        self.stdin.write_all(b"stop\n").await?;
        self.stdin.flush().await?;
        self.answer().await
    }

    /// The last it says.
    pub(super) async fn answer(mut self) -> Result<Answer> {
        let answer = loop {
            if let Word::Answer(answer) = self.word().await? {
                break answer;
            }
        };
        let ended = timeout(PATIENCE, self.child.wait()).await??;
        ensure!(ended.success(), "it answered, and ended with {ended}");
        Ok(answer)
    }

    /// Why it ended without an answer.
    async fn complaint(&mut self) -> anyhow::Error {
        let ended = self.child.wait().await;
        let said = (&mut self.complaints).await.unwrap_or_default();
        let ended = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
        anyhow!("it ended without an answer, {ended}: {}", said.trim())
    }
}

/// The end of what comes.
async fn listen(mut stderr: ChildStderr) -> String {
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stderr.read(&mut piece).await {
        all.extend_from_slice(piece.get(..read).unwrap_or_default());
        let surplus = all.len().saturating_sub(COMPLAINT);
        all.drain(..surplus);
    }
    String::from_utf8_lossy(&all).into_owned()
}

impl Word {
    fn parse(line: &str) -> Result<Self> {
        if line == "ready" {
            return Ok(Self::Ready);
        }
        if let Some(runs) = line.strip_prefix("runs ") {
            return Ok(Self::Runs(runs.parse()?));
        }
        let answer = serde_json::from_str(line).with_context(|| {
            format!("it said something that is no word of the protocol: {line}")
        })?;
        Ok(Self::Answer(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart() {
        assert_eq!(Word::parse("ready").unwrap(), Word::Ready);
        assert_eq!(Word::parse("runs 17").unwrap(), Word::Runs(17));
        let answer = r#"{"jobs":3,"seconds":0.5}"#;
        let Word::Answer(answer) = Word::parse(answer).unwrap() else {
            panic!("no answer");
        };
        assert_eq!((answer.jobs, answer.seconds), (3, 0.5));
        let error = Word::parse("hello").unwrap_err().to_string();
        assert!(error.ends_with("hello"), "{error}");
    }
}
