//! Statements in files: named pieces of text, found while the program is compiled.
//!
//! A piece begins with a line `-- its_name`, at the beginning of the file or after an empty line, and
//! ends before the next empty line.

/// Finds a statement by its name, with the line that names it, so that the server's logs show it.
///
/// ```
/// const FILE: &str = "-- job_count\nSELECT count(*) FROM job\n\n-- job_drop\nDROP TABLE job\n";
/// const DROP: &str = queue_core::statement::find(FILE, "job_drop");
/// assert_eq!(DROP, "-- job_drop\nDROP TABLE job");
/// ```
///
/// # Panics
///
/// If there is none: in a constant, that is a build error.
#[expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "evaluated at compile time only: a missing statement is a build error"
)]
#[must_use]
pub const fn find(file: &'static str, name: &str) -> &'static str {
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
