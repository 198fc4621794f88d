//! One entry of the list.

use super::{DenialCode, path};

/// A prefix as it was written, and what it covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    text: String,
    /// How much of the text is the path itself, without `/...`.
    path: usize,
}

impl Entry {
    /// Reads `//depot/app/...`, all files below, or `//depot/app`, that path and all files below. The error says
    /// what is wrong and what to write.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("is empty; write a prefix like //depot/project/...".to_owned());
        }
        if text == "//..." || text == "//" {
            return Err("allows every depot; name at least one, like //depot/...".to_owned());
        }
        let path = text.strip_suffix("/...").unwrap_or(text);
        path::check(path).map_err(|code| complaint(code).to_owned())?;
        if text.ends_with(' ') {
            return Err("ends with a space; take it away".to_owned());
        }
        Ok(Self {
            text: text.to_owned(),
            path: path.len(),
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether that path, which is a valid one, is among those of the entry.
    pub(super) fn covers(&self, path: &str) -> bool {
        let (base, below) = self.text.split_at(self.path);
        match path.strip_prefix(base) {
            Some("") => below.is_empty(),
            // The boundary of a segment: `//depot/app` is no prefix of `//depot/application`.
            Some(rest) => rest.starts_with('/'),
            None => false,
        }
    }
}

/// The same rules as for a path, in the words of whoever writes a list.
fn complaint(code: DenialCode) -> &'static str {
    match code {
        DenialCode::NotADepotPath => {
            "does not start with //; write the whole path in the depot, like //depot/project/..."
        }
        DenialCode::Wildcard => {
            "has a wildcard before its end; write `...` only as the last segment, like //depot/project/..."
        }
        DenialCode::DotSegment => "has a `.` or `..` segment; write the path that is meant",
        DenialCode::EmptySegment => {
            "has an empty segment; write one / between two segments, none at the end"
        }
        DenialCode::ControlCharacter => {
            "has a control character or an invisible one; write the path without it"
        }
        DenialCode::Backslash => "has a backslash; write / between segments",
        DenialCode::RevisionSpecifier => {
            "has an `@` or `#`; write the path alone, and %40 or %23 where a name has one"
        }
        DenialCode::Encoding => {
            "has a `%` that the depot does not write; only %23, %25, %2A and %40 are known"
        }
        DenialCode::TooLong => "is longer than 4096 bytes; write a shorter prefix",
        DenialCode::OutsideAllowList => "is outside of the list",
    }
}
