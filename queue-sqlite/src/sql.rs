//! The statements: named pieces of the files in `src/sql`, found at compile time.
//!
//! A statement begins with a line `-- its_name`, alone or after an empty line, and ends at the next
//! empty line.

/// One statement of a file, as a constant: `sql!("claim", "claim_take")`.
macro_rules! sql {
    ($file:literal, $name:literal) => {{
        const TEXT: &str = $crate::sql::statement(
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/src/sql/",
                $file,
                ".sql"
            )),
            $name,
        );
        TEXT
    }};
}
pub(crate) use sql;

/// Finds a statement by its name.
#[expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "evaluated at compile time only: a missing statement is a build error"
)]
pub(crate) const fn statement(file: &'static str, name: &str) -> &'static str {
    let (text, wanted) = (file.as_bytes(), name.as_bytes());
    let mut start = 0;
    while start < text.len() {
        if is_header(text, start, wanted) {
            let mut end = start;
            while end < text.len() && !(text[end] == b'\n' && starts_blank_line(text, end + 1)) {
                end += 1;
            }
            return file.split_at(start).1.split_at(end - start).0;
        }
        while start < text.len() && text[start] != b'\n' {
            start += 1;
        }
        start += 1;
    }
    panic!("there is no statement of this name in the file");
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time only, inside the bounds just checked"
)]
const fn is_header(text: &[u8], start: usize, name: &[u8]) -> bool {
    let first = start == 0 || (start >= 2 && text[start - 2] == b'\n');
    if !first || start + 3 + name.len() >= text.len() {
        return false;
    }
    if !(text[start] == b'-' && text[start + 1] == b'-' && text[start + 2] == b' ') {
        return false;
    }
    let mut i = 0;
    while i < name.len() {
        if text[start + 3 + i] != name[i] {
            return false;
        }
        i += 1;
    }
    text[start + 3 + name.len()] == b'\n'
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time only, inside the bounds just checked"
)]
const fn starts_blank_line(text: &[u8], at: usize) -> bool {
    at >= text.len() || text[at] == b'\n'
}
