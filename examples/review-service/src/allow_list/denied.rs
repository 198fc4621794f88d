//! Why a path may not be read.

use std::fmt;

/// How much of a path is shown, in characters.
const SHOWN: usize = 200;

/// A stable code: security events are counted and routed by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DenialCode {
    /// No entry covers it.
    OutsideAllowList,
    /// It does not start with `//`.
    NotADepotPath,
    /// Two `/` beside each other, or one at the end.
    EmptySegment,
    /// `.`, `..`, or what some systems make one of.
    DotSegment,
    /// It means many files: `...` or `*`.
    Wildcard,
    /// `@` or `#`, after which the depot reads a revision.
    RevisionSpecifier,
    /// A `%` that the depot does not write.
    Encoding,
    /// It has a backslash, which some systems read as `/`.
    Backslash,
    /// It has characters that nobody sees.
    ControlCharacter,
    /// It is too long to be one.
    TooLong,
}

impl DenialCode {
    /// The code as text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OutsideAllowList => "path_outside_allow_list",
            Self::NotADepotPath => "path_not_in_a_depot",
            Self::EmptySegment => "path_with_empty_segment",
            Self::DotSegment => "path_with_dot_segment",
            Self::Wildcard => "path_with_wildcard",
            Self::RevisionSpecifier => "path_with_revision",
            Self::Encoding => "path_encoded",
            Self::Backslash => "path_with_backslash",
            Self::ControlCharacter => "path_with_control_character",
            Self::TooLong => "path_too_long",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::OutsideAllowList => "no entry of the allow-list covers it",
            Self::NotADepotPath => "it does not start with //, as paths in a depot do",
            Self::EmptySegment => "it has an empty segment",
            Self::DotSegment => "it has a segment of dots",
            Self::Wildcard => "it means many files; name each",
            Self::RevisionSpecifier => "it names a revision; name the file alone",
            Self::Encoding => "it has a `%` that the depot does not write",
            Self::Backslash => "it has a backslash",
            Self::ControlCharacter => "it has a control character or an invisible one",
            Self::TooLong => "it is longer than 4096 bytes",
        }
    }
}

impl fmt::Display for DenialCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A path that may not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` is denied ({code}): {}", code.sentence())]
pub struct Denied {
    code: DenialCode,
    path: String,
}

impl Denied {
    pub(super) fn new(code: DenialCode, path: &str) -> Self {
        Self {
            code,
            path: shown(path),
        }
    }

    /// Why.
    #[must_use]
    pub fn code(&self) -> DenialCode {
        self.code
    }

    /// The path, shortened and escaped: as it may be shown and logged.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Printable in any log and on any terminal.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
