//! Keeping addresses and secrets out of what people and machines read.

use secrecy::{ExposeSecret, SecretString};

use crate::Recipient;

/// What stands for a secret.
const HIDDEN: &str = "[hidden]";

/// An address as it may be shown: enough to recognize, not enough to write to.
///
/// ```
/// use queue_core::channel::mask;
/// assert_eq!(mask("ada@example.org"), "a…@example.org");
/// assert_eq!(mask("https://hooks.example.org/T0/secret?x=1"), "https://hooks.example.org/…");
/// assert_eq!(mask("+44 20 7946 0958"), "+4…");
/// ```
#[must_use]
pub fn mask(address: &str) -> String {
    let first = |text: &str, n: usize| text.chars().take(n).collect::<String>();
    if let Some((scheme, rest)) = address.split_once("://") {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // A name and password may stand before the host.
        let host = authority.rsplit('@').next().unwrap_or_default();
        format!("{scheme}://{host}/…")
    } else if let Some((local, domain)) = address.rsplit_once('@') {
        format!("{}…@{domain}", first(local, 1))
    } else if address.chars().count() > 4 {
        format!("{}…", first(address, 2))
    } else {
        "…".to_owned()
    }
}

/// Takes secrets and addresses out of texts that a far side answered.
///
/// ```
/// use queue_core::Recipient;
/// use queue_core::channel::Redactor;
/// let redactor = Redactor::new(["hunter2".into()]);
/// let to = Recipient::new("ada@example.org").unwrap();
/// let said = "550 5.1.1 <Ada@example.org>: unknown, says bob@example.org (AUTH hunter2)";
/// assert_eq!(
///     redactor.text(said, &to),
///     "550 5.1.1 <a…@example.org>: unknown, says b…@example.org (AUTH [hidden])"
/// );
/// ```
#[derive(Debug, Clone, Default)]
pub struct Redactor(Vec<SecretString>);

impl Redactor {
    /// One that knows these secrets. Empty ones hide nothing.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        let mut secrets: Vec<_> = secrets
            .into_iter()
            .filter(|secret| !secret.expose_secret().is_empty())
            .collect();
        // The longest first: one may be a part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
        Self(secrets)
    }

    /// The text without the secrets, without the recipient and without what looks like an address.
    #[must_use]
    pub fn text(&self, text: &str, recipient: &Recipient) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            text = text.replace(secret.expose_secret(), HIDDEN);
        }
        // It may be echoed in another case.
        text = replace_ignoring_case(&text, recipient.as_str(), &mask(recipient.as_str()));
        mask_addresses(&text)
    }
}

fn replace_ignoring_case(text: &str, what: &str, by: &str) -> String {
    let (lower, what) = (text.to_ascii_lowercase(), what.to_ascii_lowercase());
    let mut out = String::with_capacity(text.len());
    let mut rest = 0;
    // ASCII lower case keeps every byte where it is.
    while let Some(found) = lower.get(rest..).and_then(|tail| tail.find(&what)) {
        out.push_str(text.get(rest..rest + found).unwrap_or_default());
        out.push_str(by);
        rest += found + what.len();
    }
    out.push_str(text.get(rest..).unwrap_or_default());
    out
}

/// Masks every word with an `@` inside.
fn mask_addresses(text: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || "@._%+-=…".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().map(Some).chain([None]) {
        match c {
            Some(c) if is_part(c) => word.push(c),
            other => {
                let inside = word.trim_matches('@').contains('@');
                if inside && !word.contains('…') {
                    out.push_str(&mask(&word));
                } else {
                    out.push_str(&word);
                }
                word.clear();
                out.extend(other);
            }
        }
    }
    out
}
