//! What is stored of a stage has its limits, and a difference has none.

/// So many bytes of a difference are kept, as JSON has them: with all else that a stage stores, less than what a job
/// may store of it.
pub(super) const MOST_DIFF: usize = 192 * 1024;

/// The lines from the beginning that are no longer than that together, as JSON has them; and whether others follow.
pub(super) fn to_fit(text: &str, most: usize) -> (&str, bool) {
    let mut length = 0;
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        length += line.chars().map(escaped).sum::<usize>();
        if length > most {
            return (text.get(..end).unwrap_or_default(), true);
        }
        end += line.len();
    }
    (text, false)
}

/// How long JSON writes it.
fn escaped(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        c if c < ' ' => 6,
        c => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_are_kept_as_far_as_they_fit() {
        assert_eq!(to_fit("", 0), ("", false));
        assert_eq!(to_fit("ab\ncd\n", 8), ("ab\ncd\n", false));
        assert_eq!(to_fit("ab\ncd\n", 7), ("ab\n", true));
        assert_eq!(to_fit("ab\ncd", 6), ("ab\ncd", false));
        assert_eq!(to_fit("ab\ncd", 3), ("", true));
    }

    #[test]
    fn the_length_is_the_one_that_json_has() {
        for text in [
            "a\"b\\c\n\r\t",
            "\u{1}\u{1f}\u{8}\u{c}",
            "äöü 😀 \u{2028}\u{7f}/",
        ] {
            let written = serde_json::to_string(text).unwrap().len() - 2;
            assert_eq!(
                text.chars().map(escaped).sum::<usize>(),
                written,
                "{text:?}"
            );
        }
    }
}
