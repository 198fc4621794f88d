//! What must not be read in errors: secrets, and what a URL has after its host.

use std::borrow::Cow;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::SecretString;
use url::Url;

use super::excerpt::excerpt;
use crate::Recipient;
use crate::channel::Redactor;

/// What is shorter is a word of the path more likely than a token, and would black out ordinary text.
const TOKEN: usize = 6;

/// The secrets of a channel.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hidden(Vec<SecretString>);

impl Hidden {
    /// Hides a secret, also as it would stand in a URL.
    pub(crate) fn add(&mut self, secret: &str) {
        let encoded: Cow<'_, str> = utf8_percent_encode(secret, NON_ALPHANUMERIC).into();
        if encoded != secret {
            self.0.push(encoded.into_owned().into());
        }
        self.0.push(secret.to_owned().into());
    }

    /// These and others.
    #[cfg(feature = "webhook")]
    pub(crate) fn with<'a>(&self, others: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let mut all = self.clone();
        others
            .into_iter()
            .for_each(|secret| all.add(secrecy::ExposeSecret::expose_secret(secret)));
        all
    }

    /// What a far side said, cut and without secrets.
    pub(crate) fn take_out(&self, said: &str, url: &Url, recipient: &Recipient) -> String {
        let mut all = self.clone();
        all.add_url(url);
        let said = Redactor::new(all.0).text(said, recipient);
        // Only now: a secret that is cut is not recognized.
        excerpt(&said)
    }

    /// Endpoints have tokens in their path or query, and answers like to repeat both.
    fn add_url(&mut self, url: &Url) {
        let long = |text: &&str| text.len() >= TOKEN;
        let query = url.query().unwrap_or_default();
        let whole = url.path().trim_start_matches('/');
        let segments = url.path().split('/');
        let values = query.split(['&', '=']);
        let parts: Vec<_> = segments
            .chain(values)
            .chain([whole, query, url.username()])
            .collect();
        for part in parts.into_iter().filter(long) {
            self.add(&percent_decode_str(part).decode_utf8_lossy());
            self.add(part);
        }
        if let Some(password) = url.password() {
            self.add(password);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_an_answer_is_short_and_says_nothing_secret() {
        let url = "https://h.example/hooks/T0K3N%2Bx/in?sig=Qu3ry+S3cret"
            .parse()
            .unwrap();
        let to = Recipient::new("https://h.example/hooks/T0K3N%2Bx/in?sig=Qu3ry+S3cret").unwrap();
        let mut hidden = Hidden::default();
        hidden.add("pass/word");
        let kept = |said: &str| hidden.take_out(said, &url, &to);
        assert_eq!(
            kept(
                "POST /hooks/T0K3N%2Bx/in?sig=Qu3ry+S3cret: pass/word, pass%2Fword, T0K3N+x\r\n\n no"
            ),
            "POST /[hidden]?[hidden]: [hidden], [hidden], [hidden] no"
        );
        // A secret across the place where it is cut.
        let long = kept(&format!("{}pass/word{}", "ä".repeat(495), "x".repeat(9000)));
        assert!(long.ends_with("ä[hidd … (cut)"), "{long}");
        assert_eq!(kept(" \u{0}\u{1b}[31m\u{7}red\t"), "[31m red");
    }
}
