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
            .map_err(|error| Unreadable::new(name, 0, format!("{}: {error}", path.display())))?;
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
            let (line, read) = match piece {
                Piece::Comment { line, html } => {
                    (line, Mark::read(&html).map(|mark| mark.map(Block::Mark)))
                }
                Piece::Code { line, info, text } => {
                    let follows = steps.last().map(|step| &step.block);
                    (line, Block::read(&info, &text, follows))
                }
                Piece::Other => continue,
            };
            let block = read.map_err(|what| Unreadable::new(name, line, what))?;
            steps.extend(block.map(|block| Step { line, block }));
        }
        Ok(Self {
            name: name.to_owned(),
            text: text.to_owned(),
            steps,
        })
    }
}
