//! Mails, rendered once: when they are stored.

use std::fmt;
use std::time::SystemTime;

use lettre::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart, SinglePart};

use super::RFC822;
use crate::channel::mask;
use crate::{Intent, InvalidPayload, Payload};

/// Headers that have a place of their own, or that nobody but the rendering knows.
const TAKEN: [&str; 12] = [
    "bcc",
    "cc",
    "date",
    "from",
    "message-id",
    "reply-to",
    "return-path",
    "received",
    "sender",
    "subject",
    "to",
    "resent-to",
];

/// Why a mail cannot be rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMail {
    /// An address is none.
    #[error("{place}: {shown} is no mail address ({problem}): write ada@example.org{or_named}")]
    Address {
        /// Where it was to go.
        place: &'static str,
        /// The text, masked.
        shown: String,
        /// What is wrong with it.
        problem: String,
        /// What may stand there besides.
        or_named: &'static str,
    },
    /// A text that becomes a header has a line feed or another control character: what follows it would be
    /// a header of its own.
    #[error(
        "{0} has a control character: a header is one line; take line feeds out of what users typed"
    )]
    ControlCharacter(&'static str),
    /// A header's name is not one, or is not free.
    #[error("`{name}` is no header to add: {problem}")]
    Header {
        /// The name.
        name: String,
        /// What is wrong with it, and what to do.
        problem: &'static str,
    },
    /// It has neither text nor HTML.
    #[error("the mail says nothing: give it .text(…), or .html(…), or both")]
    Empty,
    /// The domain of the sender cannot stand in a Message-ID.
    #[error("the domain of the sender has characters beyond ASCII: write it as in DNS, with xn--")]
    Domain,
    /// It cannot be a payload.
    #[error(transparent)]
    Payload(#[from] InvalidPayload),
    /// It cannot be put together.
    #[error("the mail cannot be rendered: {0}")]
    Unrenderable(String),
}

/// A mail to be rendered.
///
/// It is rendered once, when it is stored, and every attempt sends those bytes. Its `Message-ID` follows
/// from the intent: should it arrive twice after all, mail programs and people can tell that it is one.
///
/// ```
/// use queue_core::channel::Mail;
/// use queue_core::NewNotification;
/// # use queue_core::{ChannelName, Intent, Purpose, Recipient, Revision, Subject};
/// # let intent = Intent {
/// #     channel: ChannelName::new("email")?,
/// #     purpose: Purpose::new("invoice")?,
/// #     subject: Subject::new("order:42")?,
/// #     recipient: Recipient::new("ada@example.org")?,
/// #     revision: Revision::new(1),
/// # };
/// let mail = Mail::new("The shop <shop@example.org>", "Your order 42")
///     .text("Dear Ada,\nit is on its way.")
///     .html("<p>Dear Ada,<br>it is on its way.</p>")
///     .reply_to("help@example.org")
///     .header("Auto-Submitted", "auto-generated");
/// let payload = mail.render(&intent)?;
/// assert_eq!(payload.content_type(), "message/rfc822");
/// let text = String::from_utf8(payload.bytes().to_vec())?;
/// assert!(text.contains(&format!("Message-ID: <{}@example.org>\r\n", intent.provider_key())));
/// let stored = NewNotification::new(intent, payload);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "a mail is sent by storing what render() makes of it"]
pub struct Mail {
    from: String,
    subject: String,
    reply_to: Option<String>,
    text: Option<String>,
    html: Option<String>,
    headers: Vec<(String, String)>,
}

impl Mail {
    /// From whom, as an address with or without a name before it; and what about. To whom it goes, the
    /// intent says.
    pub fn new(from: impl Into<String>, subject: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            subject: subject.into(),
            reply_to: None,
            text: None,
            html: None,
            headers: Vec::new(),
        }
    }

    /// What it says, as plain text.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// What it says, as HTML: beside a plain text, readers choose.
    pub fn html(mut self, html: impl Into<String>) -> Self {
        self.html = Some(html.into());
        self
    }

    /// Where answers go, if not to the sender.
    pub fn reply_to(mut self, address: impl Into<String>) -> Self {
        self.reply_to = Some(address.into());
        self
    }

    /// Another header, like `List-Unsubscribe`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The mail as it is stored and sent, with the present as its date. Its lines end with CRLF, and it
    /// has no bytes beyond ASCII unless an address has: any relay takes it.
    pub fn render(&self, intent: &Intent) -> Result<Payload, InvalidMail> {
        self.render_at(intent, SystemTime::now())
    }

    fn render_at(&self, intent: &Intent, now: SystemTime) -> Result<Payload, InvalidMail> {
        one_line("the subject", &self.subject)?;
        let from = mailbox("the sender", &self.from)?;
        let to: Address =
            intent.recipient.as_str().parse().map_err(|error| {
                no_address("the recipient", intent.recipient.as_str(), &error, "")
            })?;
        if !from.email.domain().is_ascii() {
            return Err(InvalidMail::Domain);
        }
        let id = message_id(&intent.provider_key(), from.email.domain());
        let mut builder = Message::builder()
            .date(now)
            .raw_header(id)
            .from(from)
            .to(Mailbox::new(None, to))
            .subject(self.subject.as_str());
        if let Some(address) = &self.reply_to {
            builder = builder.reply_to(mailbox("where answers go", address)?);
        }
        for (name, value) in &self.headers {
            builder = builder.raw_header(header(name, value)?);
        }
        if self.text.is_none() && self.html.is_none() {
            return Err(InvalidMail::Empty);
        }
        let bytes = finish(builder, self.text.as_deref(), self.html.as_deref())
            .map_err(InvalidMail::Unrenderable)?;
        Ok(Payload::new(bytes, RFC822)?)
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("from", &mask(&self.from))
            .field("text", &self.text.is_some())
            .field("html", &self.html.is_some())
            .finish_non_exhaustive()
    }
}

/// Puts a mail together: its body in lines that end with CRLF, encoded where it is not plain ASCII.
pub(super) fn finish(
    builder: MessageBuilder,
    text: Option<&str>,
    html: Option<&str>,
) -> Result<Vec<u8>, String> {
    let plain = |text: &str| part(ContentType::TEXT_PLAIN, text);
    let rich = |html: &str| part(ContentType::TEXT_HTML, html);
    let message = match (text, html) {
        (Some(text), Some(html)) => {
            let both = MultiPart::alternative().singlepart(plain(text));
            builder.multipart(both.singlepart(rich(html)))
        }
        (None, Some(html)) => builder.singlepart(rich(html)),
        (text, None) => builder.singlepart(plain(text.unwrap_or_default())),
    };
    Ok(message.map_err(|error| error.to_string())?.formatted())
}

fn part(kind: ContentType, text: &str) -> SinglePart {
    // Of the line breaks there are, only the line feed is made into CRLF by itself.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    // A part is ended by a line break, whether its text was or not.
    let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
    SinglePart::builder().header(kind).body(text)
}

/// The same for every attempt, and for every mail of one intent.
pub(super) fn message_id(key: &str, domain: &str) -> HeaderValue {
    let id = format!("<{key}@{domain}>");
    // Both parts are plain ASCII; encoded, it could be folded, and some programs then miss it.
    let name = HeaderName::new_from_ascii_str("Message-ID");
    HeaderValue::dangerous_new_pre_encoded(name, id.clone(), id)
}

fn one_line(place: &'static str, text: &str) -> Result<(), InvalidMail> {
    if text.contains(char::is_control) {
        return Err(InvalidMail::ControlCharacter(place));
    }
    Ok(())
}

fn mailbox(place: &'static str, text: &str) -> Result<Mailbox, InvalidMail> {
    one_line(place, text)?;
    text.parse()
        .map_err(|error| no_address(place, text, &error, ", or Ada <ada@example.org>"))
}

fn no_address(
    place: &'static str,
    text: &str,
    problem: &dyn fmt::Display,
    or_named: &'static str,
) -> InvalidMail {
    InvalidMail::Address {
        place,
        shown: mask(text),
        problem: problem.to_string(),
        or_named,
    }
}

fn header(name: &str, value: &str) -> Result<HeaderValue, InvalidMail> {
    let refuse = |problem| {
        Err(InvalidMail::Header {
            name: name
                .chars()
                .take(40)
                .flat_map(char::escape_default)
                .collect(),
            problem,
        })
    };
    let lower = name.to_ascii_lowercase();
    if TAKEN.contains(&lower.as_str())
        || lower.starts_with("content-")
        || lower.starts_with("mime-")
    {
        return refuse("it has a place of its own, or follows from the intent: leave it out");
    }
    let wrong = "write 1 to 76 letters, digits and hyphens, like X-Order";
    if !name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return refuse(wrong);
    }
    one_line("a header", value)?;
    match HeaderName::new_from_ascii(name.to_owned()) {
        Ok(name) => Ok(HeaderValue::new(name, value.to_owned())),
        Err(_) => refuse(wrong),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{ChannelName, Purpose, Recipient, Revision, Subject};

    fn intent() -> Intent {
        Intent {
            channel: ChannelName::new("email").unwrap(),
            purpose: Purpose::new("invoice").unwrap(),
            subject: Subject::new("order:42").unwrap(),
            recipient: Recipient::new("ada@example.org").unwrap(),
            revision: Revision::new(1),
        }
    }

    fn rendered(mail: &Mail) -> String {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let payload = mail.render_at(&intent(), now).unwrap();
        String::from_utf8(payload.bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_plain_mail_is_what_it_looks_like() {
        let mail = Mail::new("The shop <shop@example.org>", "Your order")
            .text("Dear Ada,\nit is on\rits way.\r\n.\n")
            .reply_to("help@example.org")
            .header("X-Order", "42");
        let key = intent().provider_key();
        let want = format!(
            "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n\
             Message-ID: <{key}@example.org>\r\n\
             From: \"The shop\" <shop@example.org>\r\n\
             To: ada@example.org\r\n\
             Subject: Your order\r\n\
             Reply-To: help@example.org\r\n\
             X-Order: 42\r\n\
             MIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 7bit\r\n\
             \r\n\
             Dear Ada,\r\nit is on\r\nits way.\r\n.\r\n"
        );
        assert_eq!(rendered(&mail), want);
        assert_eq!(
            rendered(&mail),
            rendered(&mail),
            "without parts, nothing is made up"
        );
    }

    #[test]
    fn text_and_html_are_alternatives_and_anything_is_ascii() {
        let mail = Mail::new("Bücher <shop@example.org>", "Größe: ✉")
            .text("Liebe Ada, größer")
            .html("<p>größer</p>");
        let text = rendered(&mail);
        assert!(text.is_ascii(), "{text}");
        assert!(
            text.contains("Content-Type: multipart/alternative;"),
            "{text}"
        );
        let (plain, html) = (
            text.find("text/plain").unwrap(),
            text.find("text/html").unwrap(),
        );
        assert!(plain < html, "readers take the last that they can show");
        assert!(text.contains("Subject: =?utf-8?b?"), "{text}");
        let no_pairs = text.replace("\r\n", "");
        assert!(!no_pairs.contains(['\r', '\n']), "{text:?}");
        assert!(text.ends_with("--\r\n"), "{text:?}");
    }

    #[test]
    fn nobody_gets_a_header_in() {
        let fine = || Mail::new("shop@example.org", "hello").text("x");
        let evil = "a\r\nBcc: eve@example.org";
        let refused = [
            Mail::new("shop@example.org", evil).text("x"),
            Mail::new("shop@example.org", "a\nb").text("x"),
            Mail::new(format!("{evil} <shop@example.org>"), "hello").text("x"),
            Mail::new("\"a\r\nb\" <shop@example.org>", "hello").text("x"),
            fine().reply_to(evil),
            fine().header("X-Order", evil),
            fine().header("X\r\nY", "x"),
            fine().header("X-Order:", "x"),
            fine().header("", "x"),
            fine().header("Bcc", "eve@example.org"),
            fine().header("content-TYPE", "text/html"),
            fine().header("Message-Id", "<1@x>"),
            Mail::new("shop@example.org", "hello"),
            Mail::new("not an address", "hello").text("x"),
            Mail::new("shop@bücher.example", "hello").text("x"),
        ];
        for mail in refused {
            let error = mail.render(&intent()).unwrap_err().to_string();
            assert!(!error.contains("eve@"), "{error}");
            assert!(!error.contains(['\r', '\n']), "{error}");
        }
        fine().render(&intent()).unwrap();
    }

    #[test]
    fn an_address_that_is_none_is_not_shown() {
        let mut intent = intent();
        intent.recipient = Recipient::new("ada @example.org").unwrap();
        let error = Mail::new("shop@example.org", "hello")
            .text("x")
            .render(&intent);
        let error = error.unwrap_err().to_string();
        assert!(
            error.starts_with("the recipient: a…@example.org is no mail address"),
            "{error}"
        );
    }

    #[test]
    fn a_mail_beyond_the_limit_of_payloads_is_refused() {
        let mail = Mail::new("shop@example.org", "hello").text("x\n".repeat(200_000));
        assert!(matches!(
            mail.render(&intent()),
            Err(InvalidMail::Payload(InvalidPayload::TooLarge { .. }))
        ));
    }
}
