//! One page.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::block::{Block, Note};

/// A page as it is written.
#[derive(Debug, Clone)]
pub struct Page {
    /// From the root of the repository.
    pub path: PathBuf,
    /// Its Markdown.
    pub text: String,
}

/// A part of a page, as far as somebody acts on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// `<!-- … -->`, as it stands there.
    Comment {
        /// The line it begins at.
        line: usize,
        /// All of it.
        html: String,
    },
    /// A block of code.
    Code {
        /// The line that opens it.
        line: usize,
        /// What stands behind the fence.
        info: String,
        /// What is in it.
        text: String,
    },
    /// Words, headings, tables.
    Other,
}

impl Page {
    /// Reads one.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is no text.
    pub fn read(root: &Path, path: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(root.join(path))?;
        Ok(Self {
            path: path.to_owned(),
            text,
        })
    }

    fn events(&self) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        Parser::new_ext(&self.text, options).into_offset_iter()
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or_default();
        before.matches('\n').count() + 1
    }

    /// Its comments and its blocks of code in order, and between them whatever else there is.
    #[must_use]
    pub fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (event, at) in self.events() {
            let line = || self.line(at.start);
            match event {
                Event::Start(Tag::HtmlBlock) => pieces.push(Piece::Comment {
                    line: line(),
                    html: String::new(),
                }),
                Event::Start(Tag::CodeBlock(kind)) => pieces.push(Piece::Code {
                    line: line(),
                    info: match kind {
                        CodeBlockKind::Fenced(info) => info.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    },
                    text: String::new(),
                }),
                Event::Html(part) => {
                    if let Some(Piece::Comment { html, .. }) = pieces.last_mut() {
                        html.push_str(&part);
                    }
                }
                Event::Text(part) => match pieces.last_mut() {
                    Some(Piece::Code { text, .. }) => text.push_str(&part),
                    _ => pieces.push(Piece::Other),
                },
                Event::End(TagEnd::HtmlBlock) => {}
                // Among them the end of a block: what comes behind is no text of it.
                _ => pieces.push(Piece::Other),
            }
        }
        pieces
    }

    /// Its blocks of code in order, or what is wrong with the first that is none.
    ///
    /// # Errors
    ///
    /// A comment before a block says what no block is.
    pub fn blocks(&self) -> Result<Vec<Block>, String> {
        let mut blocks = Vec::new();
        let mut comment = String::new();
        for piece in self.pieces() {
            match piece {
                Piece::Comment { html, .. } => comment = html,
                Piece::Code { line, info, text } => {
                    let note = Note::parse(&comment)
                        .map_err(|error| format!("{}:{line}: {error}", self.path.display()))?;
                    blocks.push(Block {
                        line,
                        info,
                        note,
                        text,
                    });
                }
                Piece::Other => comment.clear(),
            }
        }
        Ok(blocks)
    }

    /// Where it leads, with the lines on which it says so.
    #[must_use]
    pub fn links(&self) -> Vec<(usize, String)> {
        let links = self.events().filter_map(|(event, at)| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some((self.line(at.start), dest_url.to_string()))
            }
            _ => None,
        });
        links.collect()
    }

    /// What it shows as code inside of its lines, with their numbers.
    #[must_use]
    pub fn inline_code(&self) -> Vec<(usize, String)> {
        let code = self.events().filter_map(|(event, at)| match event {
            Event::Code(code) => Some((self.line(at.start), code.to_string())),
            _ => None,
        });
        code.collect()
    }
}

/// Whether a link leads to a place on the network.
#[must_use]
pub fn leaves(link: &str) -> bool {
    link.contains("://") || link.starts_with("mailto:")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        Page {
            path: "page.md".into(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_comment_before_a_block_is_about_it_and_no_other() {
        let text = "<!-- not run: it is long -->\n```sh\nlong\n```\n\n```sh\nshort\n```\n";
        let blocks = page(text).blocks().unwrap_or_default();
        let notes: Vec<_> = blocks.iter().map(|block| block.note.clone()).collect();
        let reason = Note::NotRun("it is long".to_owned());
        assert_eq!(notes, [Some(reason), None]);
        let lines: Vec<_> = blocks.iter().map(|block| block.line).collect();
        assert_eq!(lines, [2, 6]);

        let apart = "<!-- not run: it is long -->\n\nWords.\n\n```sh\nshort\n```\n";
        let blocks = page(apart).blocks().unwrap_or_default();
        assert!(blocks.iter().all(|block| block.note.is_none()));
    }

    #[test]
    fn a_misspelled_comment_is_told() {
        let said = page("\n<!-- not tun: it is long -->\n```sh\nlong\n```\n").blocks();
        assert!(said.is_err_and(|error| error.starts_with("page.md:3: ")));
    }
}
