//! What a path of one file in a depot looks like. Whatever could be read in a second way is none.

use super::DenialCode;

/// The longest path that is looked at, in bytes.
const LONGEST: usize = 4096;

/// The characters that the depot writes as `%` and two digits, since they mean something in its own syntax: `#`, `%`,
/// `*`, `@`. It encodes no others.
const ENCODED: [&str; 4] = ["23", "25", "2A", "40"];

/// Whether this is the path of one file: below `//`, of plain segments.
pub(super) fn check(path: &str) -> Result<(), DenialCode> {
    if path.len() > LONGEST {
        return Err(DenialCode::TooLong);
    }
    if path.chars().any(is_invisible) {
        return Err(DenialCode::ControlCharacter);
    }
    let below = path.strip_prefix("//").ok_or(DenialCode::NotADepotPath)?;
    if path.contains('\\') {
        return Err(DenialCode::Backslash);
    }
    if path.contains("...") || path.contains('*') {
        return Err(DenialCode::Wildcard);
    }
    if path.contains(['@', '#']) {
        return Err(DenialCode::RevisionSpecifier);
    }
    encoding(path)?;
    below.split('/').try_for_each(segment)
}

fn segment(segment: &str) -> Result<(), DenialCode> {
    if segment.is_empty() {
        return Err(DenialCode::EmptySegment);
    }
    // Also `.. ` and dots of other scripts: some systems make `..` of them.
    if segment.chars().all(|c| is_dot(c) || c.is_whitespace()) {
        return Err(DenialCode::DotSegment);
    }
    Ok(())
}

/// A `%` that the depot would not have written is another way to write some other path. So is one that would be
/// read as encoded once more.
fn encoding(path: &str) -> Result<(), DenialCode> {
    for rest in path.split('%').skip(1) {
        let code = rest.get(..2).unwrap_or_default();
        let twice = code == "25"
            && rest
                .get(2..4)
                .is_some_and(|next| next.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if !ENCODED.contains(&code) || twice {
            return Err(DenialCode::Encoding);
        }
    }
    Ok(())
}

/// Characters that nobody sees, or that change how the others are shown.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

fn is_dot(c: char) -> bool {
    matches!(
        c,
        '.' | '\u{2024}' | '\u{2025}' | '\u{2026}' | '\u{ff0e}' | '\u{fe52}'
    )
}
