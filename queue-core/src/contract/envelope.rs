//! What stands around a document: a byte order mark, a Markdown code fence, prose.

use serde::{Deserialize, Serialize};

/// Something around a document that a contract lets its readers take off.
///
/// Each is a repair on the record; without leave the input is rejected as `invalid_json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Wrapping {
    /// U+FEFF before everything.
    ByteOrderMark,
    /// A Markdown code fence, with or without prose around the fence.
    CodeFence,
    /// Prose before and after one object or list.
    Prose,
}

impl Wrapping {
    /// All of them, from the outside to the inside.
    pub const ALL: [Self; 3] = [Self::ByteOrderMark, Self::CodeFence, Self::Prose];

    /// The reason under which taking it off is recorded.
    #[must_use]
    pub(super) fn repair(self) -> &'static str {
        match self {
            Self::ByteOrderMark => "byte_order_mark_removed",
            Self::CodeFence => "fence_unwrapped",
            Self::Prose => "text_unwrapped",
        }
    }

    /// The reason of a rejection where it may not be taken off.
    #[must_use]
    pub(super) fn refusal(self) -> &'static str {
        match self {
            Self::ByteOrderMark => "byte_order_mark",
            Self::CodeFence => "wrapped_in_fence",
            Self::Prose => "wrapped_in_text",
        }
    }

    /// What is inside, if this is around it.
    pub(super) fn take_off(self, text: &str) -> Option<&str> {
        match self {
            Self::ByteOrderMark => text.strip_prefix('\u{feff}'),
            Self::CodeFence => fenced(text),
            Self::Prose => in_prose(text),
        }
    }
}

/// What stands in the only fence: two could be two documents, and which counts nobody knows.
fn fenced(text: &str) -> Option<&str> {
    const FENCE: &str = "```";
    if begins_like_json(text) {
        return None;
    }
    let (_, rest) = text.split_once(FENCE)?;
    let (language, rest) = rest.split_once('\n')?;
    let language = language.trim();
    if !(language.is_empty() || language.eq_ignore_ascii_case("json")) {
        return None;
    }
    // A fence in a text of the document does not stand at the beginning of a line.
    let end = rest
        .match_indices(FENCE)
        .find(|(at, _)| {
            rest.get(..*at)
                .is_some_and(|before| before.trim_end_matches([' ', '\t']).ends_with('\n'))
        })
        .map(|(at, _)| at)?;
    let (inside, after) = (rest.get(..end)?, rest.get(end + FENCE.len()..)?);
    (!after.contains(FENCE)).then_some(inside.trim())
}

/// From the first brace or bracket to the last one: what is no document between them does not parse.
fn in_prose(text: &str) -> Option<&str> {
    let start = text.find(['{', '['])?;
    let end = text.rfind(['}', ']'])?;
    let inside = text.get(start..=end)?;
    (inside.len() < text.trim().len()).then_some(inside)
}

fn begins_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[', '"'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_taken_off() {
        let fenced = |text| Wrapping::CodeFence.take_off(text);
        assert_eq!(fenced("```json\n{\"a\": 1}\n```"), Some("{\"a\": 1}"));
        assert_eq!(fenced("Here:\n```\n[1]\n```\nDone."), Some("[1]"));
        assert_eq!(
            fenced("```json\n{\"a\": \"```\"}\n```"),
            Some("{\"a\": \"```\"}")
        );
        assert_eq!(fenced("```json\n{}\n```\n```json\n{}\n```"), None);
        assert_eq!(fenced("```rust\nfn a() {}\n```"), None);
        assert_eq!(fenced("{\"a\": \"```json\\n{}```\"}"), None);
        assert_eq!(fenced("```json\n{}"), None);
    }

    #[test]
    fn prose_is_taken_off() {
        let prose = |text| Wrapping::Prose.take_off(text);
        assert_eq!(prose("Sure! {\"a\": 1} Anything else?"), Some("{\"a\": 1}"));
        assert_eq!(prose("  {\"a\": 1}\n"), None);
        assert_eq!(prose("nothing here"), None);
        assert_eq!(prose("} {"), None);
    }
}
