//! Lines to and from whoever started this program.

use std::io::{self, Write};

use anyhow::{Result, ensure};
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};

/// What comes in.
pub(crate) struct Incoming(Lines<BufReader<Stdin>>);

impl Incoming {
    /// Says that all is prepared, and waits for the word.
    pub(crate) async fn ready() -> Result<Self> {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        say("ready")?;
        let word = lines.next_line().await?;
        ensure!(
            word.as_deref() == Some("go"),
            "`go` was to come, and {word:?} came"
        );
        Ok(Self(lines))
    }

    /// Returns when the next line comes, or when none can come any more.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        self.0.next_line().await?;
        Ok(())
    }
}

/// One line, at once.
pub(crate) fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
