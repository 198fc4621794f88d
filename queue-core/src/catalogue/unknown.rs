//! A text that is no code, and the code that may have been meant.

use super::Code;

/// There is no such code.
///
/// ```
/// use queue_core::catalogue::Code;
/// let error = "invalid_jsn".parse::<Code>().unwrap_err();
/// assert_eq!(error.to_string(), "there is no code `invalid_jsn`; the nearest is `invalid_json`");
/// assert_eq!(error.near, Some(Code::InvalidJson));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no code `{text}`{}", nearest_is(.near.as_ref()))]
pub struct UnknownCode {
    /// What was given, shortened and with control characters escaped.
    pub text: String,
    /// The known code that is most like it, where one is so like it that it may have been meant.
    pub near: Option<Code>,
}

impl UnknownCode {
    pub(super) fn new(text: &str) -> Self {
        let short: String = text.chars().take(64).collect();
        let codes = Code::all().iter().copied();
        Self {
            text: short.chars().flat_map(char::escape_default).collect(),
            near: near(&short, codes, |code| code.as_str()),
        }
    }
}

/// What an error adds where a name is known that may have been meant.
///
/// ```
/// use queue_core::catalogue::nearest_is;
/// assert_eq!(nearest_is(Some("mail")), "; the nearest is `mail`");
/// assert_eq!(nearest_is(None::<&str>), "");
/// ```
pub fn nearest_is<N: AsRef<str>>(name: Option<N>) -> String {
    name.map_or_else(String::new, |name| {
        format!("; the nearest is `{}`", name.as_ref())
    })
}

/// As [`nearest`], unless even that is another word rather than a mistake in this one: more than every third character
/// would have to change.
///
/// ```
/// use queue_core::catalogue::near;
/// assert_eq!(near("mial", ["mail", "orders"], |name| *name), Some("mail"));
/// assert_eq!(near("invoices", ["mail", "orders"], |name| *name), None);
/// ```
pub fn near<T, N: AsRef<str>>(
    text: &str,
    things: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> N,
) -> Option<T> {
    let thing = nearest(text, things, &name)?;
    let given = text.to_ascii_lowercase();
    let meant = name(&thing).as_ref().to_ascii_lowercase();
    let length = given.chars().count().max(meant.chars().count());
    (distance(&given, &meant) <= (length / 3).max(1)).then_some(thing)
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

/// How many characters have to be put in, left out, replaced or exchanged with the next to make one text of the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX);
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    let mut before = None;
    for (taken, wanted) in from.chars().enumerate() {
        let mut next = vec![taken + 1];
        let mut left = None;
        for (place, given) in to.iter().copied().enumerate() {
            let replaced = at(&row, place) + usize::from(given != wanted);
            let changed = at(&row, place + 1).min(at(&next, place)) + 1;
            let exchanged = match (before, left, place.checked_sub(1)) {
                (Some(before), Some(left), Some(place)) if before == given && left == wanted => {
                    at(&above, place) + 1
                }
                _ => usize::MAX,
            };
            next.push(replaced.min(changed).min(exchanged));
            left = Some(given);
        }
        before = Some(wanted);
        above = std::mem::replace(&mut row, next);
    }
    at(&row, to.len())
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
            ("mial", "mail", 1),
            ("ab", "ba", 1),
        ] {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn a_mistaken_case_finds_the_code() {
        assert_eq!(
            UnknownCode::new("handler_panic").near,
            Some(Code::HandlerPanic)
        );
    }

    #[test]
    fn what_is_another_word_finds_none() {
        let error = UnknownCode::new("AUTH_DENIED");
        assert_eq!(error.near, None);
        assert_eq!(error.to_string(), "there is no code `AUTH_DENIED`");
    }

    #[test]
    fn what_is_shown_is_short_and_printable() {
        let error = UnknownCode::new(&"\u{7}".repeat(10_000));
        assert!(error.text.len() < 600 && !error.text.contains('\u{7}'));
    }
}
