//! Validated names: a value of one of these types is known to be storable in every backend.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Code;

/// Why a text is not a name, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {what}: {problem}; write {rule}")]
pub struct InvalidName {
    /// Which name was meant: `queue name`, `stage name`, …
    pub what: &'static str,
    /// The refused text, shortened and with control characters escaped.
    pub text: String,
    /// What is wrong with it.
    pub problem: &'static str,
    /// What a valid one looks like.
    pub rule: &'static str,
}

/// The rule a family of names follows.
struct Rule {
    what: &'static str,
    max: usize,
    allowed: fn(char) -> bool,
    text: &'static str,
    shown: fn(&str) -> String,
}

impl Rule {
    fn check(&self, text: &str) -> Result<(), InvalidName> {
        let problem = if text.is_empty() {
            "it is empty"
        } else if text.len() > self.max {
            "it is too long"
        } else if !text.chars().all(self.allowed) {
            "it has a character that is not allowed"
        } else {
            return Ok(());
        };
        let shown = (self.shown)(text);
        let escaped = shown.chars().take(40).flat_map(char::escape_debug);
        Err(InvalidName {
            what: self.what,
            text: escaped.collect(),
            problem,
            rule: self.text,
        })
    }
}

/// Identifiers are used in URLs, metric labels and file names: a plain ASCII set without surprises.
fn is_identifier(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/')
}

fn is_screaming(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'
}

/// Free text that a caller brings along. NUL is refused because Postgres cannot store it, other
/// control characters because they end up on terminals.
fn is_printable(c: char) -> bool {
    !c.is_control()
}

fn is_hexadecimal(c: char) -> bool {
    matches!(c, '0'..='9' | 'a'..='f')
}

const HEXADECIMAL: &str = "the 64 digits of 0-9 and a-f that the plan ends with";
const IDENTIFIER: &str = "1 to 128 characters of a-z, A-Z, 0-9 and _ - . : /";
const SCREAMING: &str = "1 to 64 characters of A-Z, 0-9 and _, like NETWORK_TIMEOUT";
/// Free text of several lines.
fn is_prose(c: char) -> bool {
    is_printable(c) || matches!(c, '\n' | '\t')
}

const PRINTABLE: &str = "1 to 200 bytes of text without control characters";
const LONG: &str = "1 to 1000 bytes of text without control characters";
const PROSE: &str =
    "1 to 4096 bytes of text without control characters other than line feeds and tabs";

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal, $max:literal, $allowed:path, $rule:path) => {
        name!($(#[$doc])* $type, $what, $max, $allowed, $rule, str::to_owned);
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
    ($(#[$doc:meta])* $type:ident, $what:literal, $max:literal, $allowed:path, $rule:path, $shown:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(Arc<str>);

        impl $type {
            const RULE: Rule = Rule {
                what: $what, max: $max, allowed: $allowed, text: $rule, shown: $shown,
            };

            #[doc = concat!("Parses a ", $what, "; the error says what to write instead.")]
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidName> {
                let text = text.as_ref();
                Self::RULE.check(text)?;
                Ok(Self(Arc::from(text)))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $type {
            type Err = InvalidName;
            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }
        impl TryFrom<&str> for $type {
            type Error = InvalidName;
            fn try_from(text: &str) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }
        impl TryFrom<String> for $type {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }
        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0.as_ref().to_owned()
            }
        }
    };
}

name!(
    /// A queue: jobs of one queue share limits, order and pause.
    ///
    /// ```
    /// use queue_core::QueueName;
    /// assert_eq!(QueueName::new("mail").unwrap().as_str(), "mail");
    /// assert!(QueueName::new("with space").unwrap_err().to_string().contains("write 1 to 128"));
    /// ```
    QueueName, "queue name", 128, is_identifier, IDENTIFIER
);
name!(
    /// A kind of job: what its payload means and which handler runs it.
    KindName, "job kind", 128, is_identifier, IDENTIFIER
);
name!(
    /// A tenant, for fair turns inside one queue.
    TenantName, "tenant name", 128, is_identifier, IDENTIFIER
);
name!(
    /// A named, checkpointed step inside a job.
    StageName, "stage name", 128, is_identifier, IDENTIFIER
);
name!(
    /// A schedule: what fires jobs by the clock.
    ScheduleName, "schedule name", 128, is_identifier, IDENTIFIER
);
name!(
    /// Who holds a lease: one worker of one process.
    WorkerName, "worker name", 128, is_identifier, IDENTIFIER
);
name!(
    /// A role that one process of many has at a time.
    RoleName, "role name", 128, is_identifier, IDENTIFIER
);
name!(
    /// A delivery channel of the outbox: `email`, `webhook`, …
    ChannelName, "channel name", 128, is_identifier, IDENTIFIER
);
name!(
    /// What a notification is for, so that one recipient may get several about one subject.
    Purpose, "purpose", 128, is_identifier, IDENTIFIER
);
name!(
    /// A stable class of failure that operators filter, count and route by.
    ErrorClass, "error class", 64, is_screaming, SCREAMING
);
name!(
    /// The caller's key for one intent: the same key (within a kind) creates one job.
    IdempotencyKey, "idempotency key", 200, is_printable, PRINTABLE
);
name!(
    /// Jobs of one queue with the same ordering key run one at a time.
    OrderingKey, "ordering key", 200, is_printable, PRINTABLE
);
name!(
    /// What a job is about, for revision rules: `changelist:4711`, `order:42`, …
    Subject, "subject", 200, is_printable, PRINTABLE
);
name!(
    /// Whom a notification is for: an address, an endpoint, a routing key. It is personal: what is
    /// printed of it is [masked](crate::channel::mask), only [`Self::as_str`] gives it whole.
    ///
    /// ```
    /// use queue_core::Recipient;
    /// let ada = Recipient::new("ada@example.org").unwrap();
    /// assert_eq!((ada.to_string(), ada.as_str()), ("a…@example.org".into(), "ada@example.org"));
    /// ```
    Recipient, "recipient", 1000, is_printable, LONG, crate::channel::mask
);
impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&crate::channel::mask(&self.0), f)
    }
}
impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&crate::channel::mask(&self.0))
    }
}
name!(
    /// Who acts on the system: an operator or a service.
    Actor, "actor", 200, is_printable, PRINTABLE
);

name!(
    /// Where the evidence for a replay can be read: a ticket number or link.
    EvidenceReference, "evidence reference", 1000, is_printable, LONG
);
name!(
    /// What was found, in an operator's words.
    EvidenceNote, "evidence note", 4096, is_prose, PROSE
);
name!(
    /// Why a document was refused: a code of the [catalogue](crate::catalogue), or of a newer one.
    ReasonCode, "reason code", 128, is_identifier, IDENTIFIER
);
name!(
    /// What identifies a replay plan: the SHA-256 of all of it, in hexadecimal.
    PlanDigest, "plan digest", 64, is_hexadecimal, HEXADECIMAL
);
name!(
    /// A piece of an error's text that is looked for.
    ErrorExcerpt, "text to look for", 200, is_printable, PRINTABLE
);
name!(
    /// The provider's id of a message that it took. An answer that is none is no reason to doubt that
    /// the message was taken: mark it as sent without an id.
    ///
    /// ```
    /// use queue_core::{Delivery, ProviderId};
    /// let answered = "queued as\r\n4711";
    /// let sent = Delivery::Sent { provider_id: ProviderId::new(answered).ok() };
    /// assert_eq!(sent, Delivery::Sent { provider_id: None });
    /// ```
    ProviderId, "provider id", 1000, is_printable, LONG
);

/// The stage of a job whose handler names none.
pub const RUN_STAGE: &str = "run";

macro_rules! well_known {
    ($($(#[$doc:meta])* $function:ident => $code:ident),+ $(,)?) => {
        /// Classes that the library itself gives; a handler is free to give others.
        impl ErrorClass {
            /// The class of that code, which is one of those in upper case.
            pub(crate) fn of(code: Code) -> Self {
                Self(Arc::from(code.as_str()))
            }

            $(
                $(#[$doc])*
                #[must_use]
                pub fn $function() -> Self {
                    Self::of(Code::$code)
                }
            )+
        }
    };
}

well_known! {
    /// An error that nobody classified; retryable.
    unclassified => Unclassified,
    /// The handler panicked: a bug, never retried.
    handler_panic => HandlerPanic,
    /// The lease ran out before the work was settled: the process hung or died.
    lease_expired => LeaseExpired,
    /// The handler ran past its deadline.
    deadline_exceeded => DeadlineExceeded,
    /// The payload does not say what its kind needs.
    schema_invalid => SchemaInvalid,
    /// The other side did not answer in time; retryable.
    network_timeout => NetworkTimeout,
    /// The other side could not be reached, or went away; retryable.
    network_unreachable => NetworkUnreachable,
    /// What the handler came to cannot be stored: too much follows from it, say.
    outcome_refused => OutcomeRefused,
    /// The provider takes nothing at the moment; retryable.
    provider_busy => ProviderBusy,
    /// The answer was lost after the message may have been taken.
    reply_lost => ReplyLost,
    /// The lease ran out while the message was being sent.
    delivery_interrupted => DeliveryInterrupted,
    /// The provider refused this message for good.
    message_refused => MessageRefused,
    /// The stored message is not what its channel sends, or not what was stored.
    message_unsupported => MessageUnsupported,
    /// The channel must not speak to that target.
    target_forbidden => TargetForbidden,
    /// There is no such recipient.
    recipient_refused => RecipientRefused,
    /// The recipient is on the suppression list.
    recipient_suppressed => RecipientSuppressed,
    /// The provider takes nothing from us: the channel is paused.
    sender_refused => SenderRefused,
    /// The provider has not got the message, by its own words or by the evidence.
    not_delivered => NotDelivered,
    /// The provider denies a message that was marked as sent.
    ordering_violated => OrderingViolated,
    /// What an operator found out about a notification.
    verdict => Verdict,
}

impl Purpose {
    /// Of the notification that tells of an incident.
    #[must_use]
    pub fn escalation() -> Self {
        Self(Arc::from("escalation"))
    }

    /// Of the notification that tells that an incident is over.
    #[must_use]
    pub fn resolution() -> Self {
        Self(Arc::from("resolution"))
    }
}

impl Actor {
    /// The library's own deliverer, which pauses channels.
    #[must_use]
    pub fn deliverer() -> Self {
        Self(Arc::from("leasehold-deliverer"))
    }
}

impl Subject {
    /// The key of an incident, which is made of names.
    pub(crate) fn of_incident(key: &str) -> Self {
        Self(Arc::from(key))
    }
}

impl ReasonCode {
    /// The code as dead letters keep it.
    #[must_use]
    pub fn of(code: Code) -> Self {
        Self(Arc::from(code.as_str()))
    }
}

impl PlanDigest {
    /// Of a plan whose hash is not computed yet.
    pub(crate) fn of_nothing() -> Self {
        Self(Arc::from(""))
    }

    /// This hash.
    pub(crate) fn of(hash: &[u8; 32]) -> Self {
        Self(Arc::from(crate::hex(hash)))
    }
}

impl StageName {
    /// The stage of a job whose handler names none: `run`.
    #[must_use]
    pub fn run() -> Self {
        Self(Arc::from(RUN_STAGE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_refuse_what_a_backend_or_a_label_could_not_hold() {
        for bad in ["", "a b", "a\0", "ä", "x\n", &"q".repeat(129)] {
            assert!(QueueName::new(bad).is_err(), "{bad:?}");
        }
        for good in ["a", "mail.high", "team/mail:v2", &"q".repeat(128)] {
            assert!(QueueName::new(good).is_ok(), "{good:?}");
        }
        assert!(IdempotencyKey::new("Grüße 17").is_ok());
        assert!(IdempotencyKey::new("a\u{0}b").is_err());
        assert!(ErrorClass::new("Timeout").is_err());
        assert!(ErrorClass::new("TIMEOUT_2").is_ok());
    }

    #[test]
    fn what_operators_and_providers_say_is_storable_everywhere() {
        assert!(EvidenceNote::new("two lines\n\tof text").is_ok());
        for bad in ["", "a\0b", "bell\u{7}", &"x".repeat(4097)] {
            assert!(EvidenceNote::new(bad).is_err(), "{bad:?}");
            assert!(EvidenceReference::new(bad).is_err(), "{bad:?}");
            assert!(ProviderId::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_invalid_name_is_shown_without_control_characters() {
        let error = QueueName::new("bell\u{7}").unwrap_err();
        assert!(!error.to_string().contains('\u{7}'));
        assert!(error.to_string().contains("write 1 to 128"));
    }

    #[test]
    fn names_are_checked_when_deserialized_too() {
        assert!(serde_json::from_str::<QueueName>("\"ok\"").is_ok());
        assert!(serde_json::from_str::<QueueName>("\"not ok\"").is_err());
    }
}
