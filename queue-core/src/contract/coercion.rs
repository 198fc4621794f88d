//! What a reader puts right in a scalar. Nothing else is coerced.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// One thing that is put right in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Coercion {
    /// White space around it is taken off.
    Trim,
    /// `\` becomes `/`.
    Slashes,
    /// `./` before it is taken off, however often it is there.
    NoLeadingDot,
}

impl Coercion {
    /// The reason under which it is recorded.
    pub(super) fn repair(self) -> &'static str {
        match self {
            Self::Trim => "trimmed",
            Self::Slashes => "path_separators",
            Self::NoLeadingDot => "leading_dot_slash",
        }
    }
}

/// Puts a text right, and tells of each repair: the coercion's reason, the text before, and after. At
/// most one of each coercion, and in linear time, whatever the text is.
pub(super) fn coerce<'a>(
    coercions: &[Coercion],
    given: Cow<'a, str>,
    mut repaired: impl FnMut(&'static str, &str, &str),
) -> Cow<'a, str> {
    let wants = |coercion| coercions.contains(&coercion);
    let mut text = given;
    if wants(Coercion::Slashes) && text.contains('\\') {
        let after = text.replace('\\', "/");
        repaired(Coercion::Slashes.repair(), &text, &after);
        text = Cow::Owned(after);
    }
    if wants(Coercion::Trim) {
        text = narrowed(text, str::trim, |before, after| {
            repaired(Coercion::Trim.repair(), before, after);
        });
    }
    if wants(Coercion::NoLeadingDot) {
        // What is left may be another's to take off: ` ./ a`. At its end it is trimmed already.
        let without = |text: &str| -> usize {
            let mut rest = text;
            loop {
                let next = rest.trim_start_matches("./");
                if next.len() == rest.len() {
                    return rest.len();
                }
                rest = if wants(Coercion::Trim) {
                    next.trim_start()
                } else {
                    next
                };
            }
        };
        text = narrowed(
            text,
            |text| {
                let start = text.len() - without(text);
                text.get(start..).unwrap_or_default()
            },
            |before, after| repaired(Coercion::NoLeadingDot.repair(), before, after),
        );
    }
    text
}

/// The part of a text that `keep` keeps.
fn narrowed<'a>(
    text: Cow<'a, str>,
    keep: impl FnOnce(&str) -> &str,
    narrower: impl FnOnce(&str, &str),
) -> Cow<'a, str> {
    let kept = keep(&text);
    if kept.len() == text.len() {
        return text;
    }
    narrower(&text, kept);
    Cow::Owned(kept.to_owned())
}

/// As [`coerce`], of which nobody wants to know.
pub(super) fn coerced<'a>(coercions: &[Coercion], text: &'a str) -> Cow<'a, str> {
    coerce(coercions, Cow::Borrowed(text), |_, _, _| {})
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: [Coercion; 3] = [Coercion::Trim, Coercion::Slashes, Coercion::NoLeadingDot];

    #[test]
    fn paths_are_put_right_to_the_end() {
        for (given, wanted) in [
            ("src/a.rs", "src/a.rs"),
            (" .\\src\\a.rs\n", "src/a.rs"),
            ("././a", "a"),
            (" ./ ./ a", "a"),
            ("../a", "../a"),
            (".hidden", ".hidden"),
            ("./", ""),
        ] {
            let once = coerced(&PATH, given);
            assert_eq!(once, wanted);
            assert_eq!(coerced(&PATH, &once), wanted);
        }
    }
}
