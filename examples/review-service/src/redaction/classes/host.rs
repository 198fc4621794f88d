//! Names of machines that a policy calls internal.

use crate::redaction::Class;
use crate::redaction::classes::Found;
use crate::redaction::word::{is_host, part, runs};

pub(super) fn find(line: &str, internal: &[String], found: &mut Found<'_>) {
    found.meter.spend(line.len());
    for bytes in runs(line, is_host) {
        let name = part(line, bytes.clone()).trim_end_matches(['.', '-']);
        let start = bytes.start + (name.len() - name.trim_start_matches(['.', '-']).len());
        let name = name.trim_start_matches(['.', '-']);
        if internal.iter().any(|end| is_below(name, end)) {
            found.push(Class::InternalHost, start..start + name.len());
        }
    }
}

/// At the boundary of a label: `notcorp.example.com` is not below `corp.example.com`.
fn is_below(name: &str, end: &str) -> bool {
    let Some(start) = name.len().checked_sub(end.len()) else {
        return false;
    };
    let same = name
        .get(start..)
        .is_some_and(|tail| tail.eq_ignore_ascii_case(end));
    // A single word is a name of a machine only with something before it.
    let apart = match start.checked_sub(1) {
        Some(before) => name.as_bytes().get(before) == Some(&b'.'),
        None => end.contains('.'),
    };
    same && apart
}
