//! What looks as if it was drawn by lot: no word, no name, no path.
//!
//! Digits of base 16 alone are left: they are hashes of commits and files, all over a diff. Where one is a key it is
//! mostly set to a name that says so, which is another rule.

use crate::redaction::Class;
use crate::redaction::classes::Found;
use crate::redaction::word::{is_base64, part, run, runs};

/// The shortest of capitals, small letters and digits; shorter ones cannot be told from names.
const SHORTEST_OF_THREE: usize = 24;
/// The shortest of digits and letters of one case.
const SHORTEST_OF_TWO: usize = 32;

/// Before these come digests of published files.
const DIGESTS: [&str; 6] = [
    "sha1-", "sha256-", "sha384-", "sha512-", "SHA256-", "SHA512-",
];
const DIGESTS_BEFORE: [&str; 6] = ["h1:", "sha1:", "sha256:", "SHA256:", "sha384:", "sha512:"];

pub(super) fn find(line: &str, found: &mut Found<'_>) {
    found.meter.spend(line.len());
    for bytes in runs(line, is_base64) {
        let text = part(line, bytes.clone());
        // A sign of a diff or of a sum before it says nothing.
        let text = text.trim_start_matches(['-', '+']);
        if text.len() < SHORTEST_OF_THREE || is_digest(line, bytes.end - text.len(), text) {
            continue;
        }
        found.meter.spend(text.len() + 64);
        if Shape::of(text).is_drawn_by_lot() {
            let padding = run(line, bytes.end, |byte| byte == b'=').min(2);
            found.push(
                Class::HighEntropy,
                bytes.end - text.len()..bytes.end + padding,
            );
        }
    }
}

fn is_digest(line: &str, start: usize, text: &str) -> bool {
    let before = part(line, 0..start);
    DIGESTS.iter().any(|name| text.starts_with(name))
        || DIGESTS_BEFORE.iter().any(|name| before.ends_with(name))
}

/// What there is of each sort, and how mixed.
struct Shape {
    length: usize,
    capitals: usize,
    small: usize,
    digits: usize,
    /// Neighbours of different sorts. Words have few.
    changes: usize,
    only_hex: bool,
    counts: [u32; 64],
}

impl Shape {
    fn of(text: &str) -> Self {
        let mut shape = Self {
            length: text.len(),
            capitals: 0,
            small: 0,
            digits: 0,
            changes: 0,
            only_hex: true,
            counts: [0; 64],
        };
        let mut before = Sort::Sign;
        for byte in text.bytes() {
            let sort = Sort::of(byte);
            match sort {
                Sort::Capital => shape.capitals += 1,
                Sort::Small => shape.small += 1,
                Sort::Digit => shape.digits += 1,
                Sort::Sign => {}
            }
            if sort != before && sort != Sort::Sign && before != Sort::Sign {
                shape.changes += 1;
            }
            shape.only_hex &= byte.is_ascii_hexdigit() || sort == Sort::Sign;
            // 64 places are enough to tell letters and digits apart.
            if let Some(count) = shape.counts.get_mut(usize::from(byte & 63)) {
                *count += 1;
            }
            before = sort;
        }
        shape
    }

    fn is_drawn_by_lot(&self) -> bool {
        if self.only_hex || self.digits == 0 {
            return false;
        }
        if self.capitals > 0 && self.small > 0 {
            self.changes * 5 >= self.length * 2 && self.bits() >= 3.5
        } else {
            self.length >= SHORTEST_OF_TWO
                && self.digits * 8 >= self.length
                && self.changes * 4 >= self.length
                && self.bits() >= 3.6
        }
    }

    /// Shannon's entropy, in bits a character.
    fn bits(&self) -> f64 {
        let length = self.length as f64;
        let used = self.counts.iter().filter(|count| **count > 0);
        used.map(|count| f64::from(*count) / length)
            .map(|share| -share * share.log2())
            .sum()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Capital,
    Small,
    Digit,
    Sign,
}

impl Sort {
    fn of(byte: u8) -> Self {
        match byte {
            b'A'..=b'Z' => Self::Capital,
            b'a'..=b'z' => Self::Small,
            b'0'..=b'9' => Self::Digit,
            _ => Self::Sign,
        }
    }
}
