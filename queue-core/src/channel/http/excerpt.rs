//! The part of an answer that is worth keeping.

/// How many characters of an answer are kept.
const KEPT: usize = 500;

/// One line of at most so many characters.
pub(super) fn excerpt(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if !word.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    match line.char_indices().nth(KEPT) {
        Some((end, _)) => {
            line.truncate(end);
            line + " … (cut)"
        }
        None => line,
    }
}
