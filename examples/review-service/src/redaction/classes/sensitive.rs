//! Names of which the value is a secret.

/// How a name ends that means one, in small letters and without separators.
const ENDS: [&str; 21] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "authkey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "accountkey",
    "sharedkey",
    "sessionkey",
    "credential",
    "credentials",
    "passwort",
];

/// The longest end, with room for separators and a number.
const LOOK: usize = 32;

/// The sort of value that a name has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sensitive {
    /// A person may have chosen it: it may be short.
    Password,
    /// A machine made it: it is long.
    Token,
}

/// Whether a name means a secret: by how it ends, so that `password_length` and `token_count` do not.
pub(super) fn sensitive(name: &str) -> Option<Sensitive> {
    let tail = name.as_bytes().iter().rev().take(LOOK);
    let letters: Vec<u8> = tail
        .skip_while(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'-'))
        .filter(|byte| !matches!(byte, b'_' | b'-'))
        .map(u8::to_ascii_lowercase)
        .collect();
    let ends = |end: &&&str| {
        letters.len() >= end.len() && end.bytes().rev().zip(&letters).all(|(a, b)| a == *b)
    };
    match ENDS.iter().find(ends) {
        Some(&"token") => Some(Sensitive::Token),
        Some(_) => Some(Sensitive::Password),
        None => is_pass(name).then_some(Sensitive::Password),
    }
}

/// `DB_PASS` and `dbPass`, but not `bypass`.
fn is_pass(name: &str) -> bool {
    let Some(start) = name.len().checked_sub(4) else {
        return false;
    };
    let Some((before, last)) = name.split_at_checked(start) else {
        return false;
    };
    let apart = before.is_empty() || before.ends_with(['_', '-']);
    (last.eq_ignore_ascii_case("pass") && apart)
        || (last == "Pass" && before.ends_with(|c: char| c.is_ascii_lowercase()))
}
