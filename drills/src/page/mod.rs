//! A page as a drill reads it.

mod block;
mod mark;
mod unreadable;

use std::fs;
use std::path::{Path, PathBuf};

use book::page::Piece;

pub use block::Block;
pub use mark::Mark;
pub use unreadable::Unreadable;

/// A runbook: its text, and what is done with it, in its order.
#[derive(Debug, Clone)]
pub struct Page {
    /// The name of its file, without `.md`.
    pub name: String,
    /// All of it.
    pub text: String,
    /// What is done with it.
    pub steps: Vec<Step>,
}

/// Something on a page that a drill acts on.
#[derive(Debug, Clone)]
pub struct Step {
    /// The line it begins at.
    pub line: usize,
    /// What it is.
    pub block: Block,
}

/// What is wrong with a mark that nothing follows.
const ALONE: &str = "this is about a block, and there is none directly below";

impl Step {
    fn is_act(&self) -> bool {
        matches!(&self.block, Block::Mark(Mark::Act(_) | Mark::Metric(_)))
    }

    /// The mark that it is, if it is one about the block below.
    fn waits_for(&self) -> Option<&Mark> {
        match &self.block {
            Block::Mark(mark) if !self.is_act() => Some(mark),
            _ => None,
        }
    }
}

impl Page {
    /// Where the runbooks are.
    #[must_use]
    pub fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/runbooks")
    }

    /// Reads the page of that name.
    ///
    /// # Errors
    ///
    /// If there is none, or it has something on it that no drill knows what to do with.
    pub fn read(name: &str) -> Result<Self, Unreadable> {
        let path = Self::folder().join(format!("{name}.md"));
        let text = fs::read_to_string(&path)
            .map_err(|error| Unreadable::new(name, 0, &format!("{}: {error}", path.display())))?;
        Self::parse(name, &text)
    }

    /// The names of all runbooks, in their order.
    ///
    /// # Panics
    ///
    /// If the folder cannot be read.
    #[must_use]
    pub fn names() -> Vec<String> {
        let files = fs::read_dir(Self::folder()).unwrap();
        let mut names: Vec<String> = files
            .filter_map(|file| {
                let name = file.unwrap().file_name().into_string().ok()?;
                name.strip_suffix(".md").map(str::to_owned)
            })
            .filter(|name| name != "README")
            .collect();
        names.sort();
        names
    }

    /// Reads a text.
    ///
    /// # Errors
    ///
    /// If it has something on it that no drill knows what to do with.
    ///
    /// ```
    /// use drills::{Block, Mark, Page};
    /// let text = "# It is broken\n\n<!-- ends with: 5 -->\n```sh\nleasehold stats   # how much\n```\n";
    /// let page = Page::parse("broken", text).unwrap();
    /// assert!(matches!(page.steps[0].block, Block::Mark(Mark::Exit(5))));
    /// assert!(matches!(&page.steps[1].block, Block::Commands(lines) if lines.len() == 1));
    /// assert!(Page::parse("broken", "```bash\nls\n```\n").is_err());
    /// ```
    pub fn parse(name: &str, text: &str) -> Result<Self, Unreadable> {
        let written = book::page::Page {
            path: format!("docs/runbooks/{name}.md").into(),
            text: text.to_owned(),
        };
        let mut steps: Vec<Step> = Vec::new();
        for piece in written.pieces() {
            // Between a mark and its block the drill may act.
            let open = steps.iter().rev().find(|step| !step.is_act());
            let open = open.and_then(Step::waits_for);
            let (line, read) = match piece {
                Piece::Comment { line, html } => {
                    (line, Mark::read(&html).map(|mark| mark.map(Block::Mark)))
                }
                Piece::Code { line, info, text } => (line, Block::read(&info, &text, open)),
                Piece::Other => match (open, steps.last()) {
                    // It would be about a block further down.
                    (Some(_), Some(step)) => (step.line, Err(ALONE.to_owned())),
                    _ => continue,
                },
            };
            let block = read.map_err(|what| Unreadable::new(name, line, &what))?;
            steps.extend(block.map(|block| Step { line, block }));
        }
        Ok(Self {
            name: name.to_owned(),
            text: text.to_owned(),
            steps,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_about_the_block_below() {
        let list = "1. First.\n\n   <!-- on: sqlite -->\n   <!-- ends with: 3 -->\n   ```sh\n   a\n   ```\n";
        assert_eq!(Page::parse("list", list).unwrap().steps.len(), 3);
        for wrong in [
            "<!-- not run: it is long -->\n\nWords.\n\n```sh\na\n```\n",
            "<!-- ends with: 3 -->\n```toml\na = 1\n```\n",
            "<!-- prints -->\n```sh\na\n```\n",
            "<!-- on: sqlite -->\n<!-- drill: act mend -->\n\nWords.\n",
        ] {
            let read = Page::parse("wrong", wrong);
            assert!(read.is_err(), "{wrong}");
        }
    }
}
