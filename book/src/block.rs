//! A block of code, and what the comment before it says of it.

use std::fmt;

/// A block of code on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The line that opens it.
    pub line: usize,
    /// What stands behind the fence: a language.
    pub info: String,
    /// What the comment before it says.
    pub note: Option<Note>,
    /// What is in it.
    pub text: String,
}

/// What `<!-- … -->` directly before a block says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// `not run: REASON`
    NotRun(String),
    /// `usage`: lines that say what may be written, and are held to the program's own help.
    Usage,
    /// `part of: PATH`: stands so in a file that is compiled or run, however indented.
    PartOf(String),
    /// `made by: NAME`: a test makes it, and compares.
    MadeBy(String),
    /// `on: sqlite` or `on: postgres`, of SQL.
    On(String),
    /// `read by: NAME`, of a configuration: by whom it is read.
    ReadBy(String),
    /// `ends with: CODE`, of commands.
    EndsWith(i32),
    /// `until it prints`, of commands that ask for what takes a moment: what the next block has.
    UntilItPrints,
    /// `file: PATH`: is written there, for the commands that follow.
    File(String),
    /// `drill: …`, on a runbook: for its drill, which carries the page out.
    Drill(String),
    /// `prints`: the commands before it print these lines; `…` is for anything.
    Prints,
}

/// A comment before a block that is no note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownNote(String);

impl fmt::Display for UnknownNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the comment before the block says {:?}; write `not run: REASON`, `usage`, `part of: PATH`, \
             `on: DATABASE`, `read by: NAME`, `ends with: CODE`, `file: PATH`, `prints` or `until it prints`",
            self.0
        )
    }
}

impl Note {
    /// Reads the comment before a block, which may be none.
    ///
    /// # Errors
    ///
    /// It is a comment, and no note.
    pub fn parse(html: &str) -> Result<Option<Self>, UnknownNote> {
        let html = html.trim();
        if html.is_empty() || !html.starts_with("<!--") {
            return Ok(None);
        }
        // Two comments after another are about the page and the block.
        let last = html.rsplit("<!--").next().unwrap_or_default();
        let text = last.trim_end_matches("-->").trim();
        let unknown = || UnknownNote(text.to_owned());
        let (name, value) = text
            .split_once(':')
            .map_or((text, ""), |(name, value)| (name.trim(), value.trim()));
        let value = || (!value.is_empty()).then(|| value.to_owned());
        let note = match name {
            "not run" => value().map(Self::NotRun),
            "usage" => Some(Self::Usage),
            "part of" => value().map(Self::PartOf),
            "made by" => value().map(Self::MadeBy),
            "on" => value().map(Self::On),
            "read by" => value().map(Self::ReadBy),
            "ends with" => value()
                .and_then(|code| code.parse().ok())
                .map(Self::EndsWith),
            "file" => value().map(Self::File),
            "drill" => value().map(Self::Drill),
            "prints" => Some(Self::Prints),
            "until it prints" => Some(Self::UntilItPrints),
            _ => None,
        };
        note.map(Some).ok_or_else(unknown)
    }
}

impl Block {
    /// The language, without what rustdoc is told.
    #[must_use]
    pub fn language(&self) -> &str {
        self.info.split([',', ' ']).next().unwrap_or_default()
    }
}
