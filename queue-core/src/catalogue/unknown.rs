//! A text that is no code, and the code that may have been meant.

use super::Code;

/// There is no such code.
///
/// ```
/// use queue_core::catalogue::Code;
/// let error = "invalid_jsn".parse::<Code>().unwrap_err();
/// assert_eq!(error.to_string(), "there is no code `invalid_jsn`; the nearest is `invalid_json`");
/// assert_eq!(error.nearest, Code::InvalidJson);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no code `{text}`; the nearest is `{nearest}`")]
pub struct UnknownCode {
    /// What was given, shortened and with control characters escaped.
    pub text: String,
    /// The known code that is most like it.
    pub nearest: Code,
}

impl UnknownCode {
    pub(super) fn new(text: &str) -> Self {
        let short: String = text.chars().take(64).collect();
        let codes = Code::all().iter().copied();
        Self {
            text: short.chars().flat_map(char::escape_default).collect(),
            nearest: nearest(&short, codes, |code| code.as_str()).unwrap_or(Code::InvalidJson),
        }
    }
}

/// Of several things the one whose name is most like a text that is none of them: what may have been
/// meant. Upper and lower case count as one, since who mistakes one means the other.
///
/// ```
/// use queue_core::catalogue::nearest;
/// assert_eq!(nearest("Kind", ["kind", "queue"], |name| *name), Some("kind"));
/// assert_eq!(nearest("queu", ["kind", "queue"], |name| *name), Some("queue"));
/// ```
pub fn nearest<T, N: AsRef<str>>(
    text: &str,
    things: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> N,
) -> Option<T> {
    let wanted = text.to_ascii_lowercase();
    let away = |thing: &T| distance(&wanted, &name(thing).as_ref().to_ascii_lowercase());
    things.into_iter().min_by_key(away)
}

/// How many characters have to be put in, left out or replaced to make one text of the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (taken, wanted) in from.chars().enumerate() {
        let mut next = vec![taken + 1];
        for ((given, above), pair) in to.iter().zip(row.iter().skip(1)).zip(row.iter()) {
            let replaced = pair + usize::from(*given != wanted);
            let before = next.last().copied().unwrap_or(usize::MAX);
            next.push(replaced.min(above + 1).min(before + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_single_changes() {
        for (from, to, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("abc", "abd", 1),
            ("abc", "ac", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn a_mistaken_case_finds_the_code() {
        assert_eq!(
            UnknownCode::new("handler_panic").nearest,
            Code::HandlerPanic
        );
    }

    #[test]
    fn what_is_shown_is_short_and_printable() {
        let error = UnknownCode::new(&"\u{7}".repeat(10_000));
        assert!(error.text.len() < 600 && !error.text.contains('\u{7}'));
    }
}
