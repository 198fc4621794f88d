//! Addresses of e-mail.

use crate::redaction::Class;
use crate::redaction::classes::Found;
use crate::redaction::word::part;

/// The longest part before the `@`, and the longest after it.
const LONGEST_LOCAL: usize = 64;
const LONGEST_DOMAIN: usize = 253;

pub(super) fn find(line: &str, found: &mut Found<'_>) {
    found.meter.spend(line.len());
    for (at, _) in line.match_indices('@') {
        let local = part(line, 0..at).char_indices().rev().take(LONGEST_LOCAL);
        let local = local.take_while(|(_, c)| c.is_alphanumeric() || "._%+-".contains(*c));
        let start = local.last().map_or(at, |(start, _)| start);
        let domain: usize = part(line, at + 1..line.len())
            .chars()
            .take(LONGEST_DOMAIN)
            .take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
            .map(char::len_utf8)
            .sum();
        found.meter.spend(at - start + domain);
        let domain = part(line, at + 1..at + 1 + domain).trim_end_matches(['.', '-']);
        let end = at + 1 + domain.len();
        if start < at && is_domain(domain) && !is_remote(line, start, at, end) {
            found.push(Class::EmailAddress, start..end);
        }
    }
}

/// With a dot, and letters after the last: `left-pad@1.3.0` is a version, `icon@2x.png` an image.
fn is_domain(domain: &str) -> bool {
    let Some((names, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let for_screens = names
        .strip_suffix('x')
        .is_some_and(|scale| scale.parse::<u8>().is_ok());
    top.chars().count() >= 2
        && (top.chars().all(char::is_alphabetic) || top.starts_with("xn--"))
        && names.split('.').all(|label| !label.is_empty())
        && !for_screens
}

/// `git@host:path` is where a repository is, and nobody's address.
fn is_remote(line: &str, start: usize, at: usize, end: usize) -> bool {
    part(line, start..at) == "git"
        && matches!(part(line, end..line.len()).chars().next(), Some(':' | '/'))
}
