//! Who and by which password, in a URI.

use std::ops::Range;

use crate::redaction::Class;
use crate::redaction::classes::{Found, reference};
use crate::redaction::word::{byte, part, run};

/// A user alone is a name, unless it is that long: then it is a token.
const LONGEST_NAME: usize = 20;

pub(super) fn find(line: &str, found: &mut Found<'_>) {
    found.meter.spend(line.len());
    let mut starts = line.match_indices("://").map(|(at, _)| at).peekable();
    while let Some(at) = starts.next() {
        let before = at.checked_sub(1).and_then(|at| byte(line, at));
        if !before.is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            continue;
        }
        let start = at + 3;
        // Up to the next one, so that no byte is looked at for two.
        let stop = starts.peek().copied().unwrap_or(line.len());
        let length = run(part(line, start..stop), 0, is_of_uri);
        found.meter.spend(length);
        if let Some(info) = userinfo(part(line, start..start + length)) {
            found.push(Class::UriUserinfo, start + info.start..start + info.end);
        }
    }
}

fn is_of_uri(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>')
}

/// What of this is user and password, if it is a secret.
fn userinfo(rest: &str) -> Option<Range<usize>> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let end = match authority.rfind('@') {
        Some(end) => end,
        // A password may have been written with a `/` in it. What stands after a port is none.
        None => {
            let (_, port) = authority.split_once(':')?;
            if port.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            rest.find('@')?
        }
    };
    let info = part(rest, 0..end);
    let secret = match info.split_once(':') {
        Some((_, password)) => !password.is_empty() && !reference::is_reference(password),
        None => info.len() > LONGEST_NAME && info.bytes().all(|byte| byte.is_ascii_alphanumeric()),
    };
    secret.then_some(0..end)
}
