//! What an answer, or none, says about the message.

use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::Error;

use crate::Recipient;
use crate::channel::{Redactor, SendError};

/// For how long a far side that does not know us yet wants to be left alone, at least: greylisting counts
/// in minutes, and an attempt that comes too early only costs another one.
const GREYLISTED: Duration = Duration::from_secs(5 * 60);

/// How far the dialogue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Connect,
    Greeting,
    Hello,
    Tls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The message is being written, its final dot has not left.
    Body,
    /// The final dot may have left.
    End,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Greeting => "waiting for the greeting",
            Self::Hello => "EHLO",
            Self::Tls => "TLS",
            Self::Auth => "AUTH",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Body => "the message",
            Self::End => "the end of the message",
        })
    }
}

/// What went wrong, as it was said: with addresses and secrets.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The far side said no.
    Said(u16, String),
    /// It said nothing in time.
    Silent(Duration),
    /// The connection broke, or something came that is no answer.
    Broken(String),
    /// What is configured cannot work with that far side.
    Unusable(String),
}

/// What went wrong, and where.
#[derive(Debug)]
pub(super) struct Stopped {
    pub(super) at: Stage,
    pub(super) trouble: Trouble,
}

impl Stopped {
    pub(super) fn silent(at: Stage, limit: Duration) -> Self {
        let trouble = Trouble::Silent(limit);
        Self { at, trouble }
    }

    pub(super) fn broken(at: Stage, text: impl Into<String>) -> Self {
        let trouble = Trouble::Broken(text.into());
        Self { at, trouble }
    }

    pub(super) fn unusable(at: Stage, text: impl Into<String>) -> Self {
        let trouble = Trouble::Unusable(text.into());
        Self { at, trouble }
    }

    pub(super) fn of(at: Stage, error: &Error) -> Self {
        let source = std::error::Error::source(error);
        let text = source.map_or_else(|| error.to_string(), ToString::to_string);
        let trouble = match error.status() {
            Some(code) => Trouble::Said(code.into(), text),
            None => Trouble::Broken(text),
        };
        Self { at, trouble }
    }

    /// Whether the connection is of no use any more, without that being said of the message.
    pub(super) fn is_dead_line(&self) -> bool {
        matches!(self.trouble, Trouble::Broken(_) | Trouble::Said(421, _))
    }

    /// Whether an answer was given, after which the dialogue goes on.
    pub(super) fn is_answer(&self) -> bool {
        matches!(self.trouble, Trouble::Said(code, _) if code != 421)
    }

    /// What that says about the message.
    pub(super) fn verdict(&self, redactor: &Redactor, recipient: &Recipient) -> SendError {
        let at = self.at;
        let doubtful = at == Stage::End;
        match &self.trouble {
            Trouble::Said(code, text) => {
                let shown = format!("{at}: {code} {}", redactor.text(text, recipient));
                judge(at, *code, text, shown)
            }
            Trouble::Silent(limit) => {
                let shown = format!("{at}: no answer within {limit:?}");
                if doubtful {
                    SendError::reply_lost(shown)
                } else {
                    SendError::timed_out(shown)
                }
            }
            Trouble::Broken(text) => {
                let shown = format!("{at}: {}", redactor.text(text, recipient));
                if doubtful {
                    SendError::reply_lost(shown)
                } else {
                    SendError::unreachable(shown)
                }
            }
            Trouble::Unusable(text) => {
                SendError::sender_refused(format!("{at}: {}", redactor.text(text, recipient)))
            }
        }
    }
}

/// An enhanced status code: class, subject, detail (RFC 3463).
fn enhanced(text: &str) -> Option<(u16, u16, u16)> {
    let mut parts = text.split_whitespace().next()?.split('.');
    let mut number = || {
        let part = parts.next().filter(|part| (1..=3).contains(&part.len()))?;
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    };
    let code = (number()?, number()?, number()?);
    (parts.next().is_none() && matches!(code.0, 4 | 5)).then_some(code)
}

/// What a refusal proves. That the message was not taken it always does, also after the final dot.
///
/// Where the two codes disagree on whether it is for good, the enhanced one is believed: it was made to
/// say more precisely what the older one says roughly.
fn judge(at: Stage, code: u16, text: &str, shown: String) -> SendError {
    let enhanced = enhanced(text);
    if code == 421 {
        // The far side goes away: whatever else it says, that is no judgement on the message.
        return SendError::busy(shown, None);
    }
    let class = enhanced.map_or(code / 100, |(class, ..)| class);
    if class == 4 {
        let unknown_yet = matches!(enhanced, Some((_, 7, _))) || {
            let text = text.to_ascii_lowercase();
            text.contains("greylist") || text.contains("graylist")
        };
        return SendError::busy(shown, unknown_yet.then_some(GREYLISTED));
    }
    if at < Stage::Mail {
        // It has seen nothing of the message yet: all others would fare the same.
        return SendError::sender_refused(shown);
    }
    match (enhanced, code) {
        (Some((_, 7, _)), _) | (_, 530 | 534 | 535 | 538) => SendError::sender_refused(shown),
        // MAIL names nobody but us; and these two are about the sender by definition.
        (Some((_, 1, _)), _) if at == Stage::Mail => SendError::sender_refused(shown),
        (Some((_, 1, 7 | 8)), _) => SendError::sender_refused(shown),
        (None, 550 | 553 | 554) if at == Stage::Mail => SendError::sender_refused(shown),
        (Some((_, 1, 1 | 2 | 3 | 10)), _) => SendError::recipient_refused(shown),
        // Without an enhanced code a 550 to RCPT may mean that there is nobody, or that somebody does not
        // want mail from us: an address is not put on a list of the dead for that.
        _ => SendError::message_refused(shown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Fault;

    fn judged(at: Stage, code: u16, text: &str) -> SendError {
        judge(at, code, text, text.to_owned())
    }

    #[test]
    fn the_enhanced_code_says_whether_it_is_for_good() {
        let busy = judged(Stage::Rcpt, 550, "4.2.1 mailbox is being moved");
        assert!(matches!(busy, SendError::NotTaken(_)), "{busy:?}");
        let gone = judged(Stage::Rcpt, 450, "5.1.1 no such user");
        assert!(
            matches!(
                &gone,
                SendError::Refused {
                    fault: Fault::Recipient,
                    ..
                }
            ),
            "{gone:?}"
        );
        // What is no enhanced code says nothing.
        for text in [
            "5.1 short",
            "5.1.1.1 long",
            "5.1.1234 x",
            "2.1.1 x",
            "5.x.1",
            "",
        ] {
            assert_eq!(enhanced(text), None, "{text}");
        }
    }

    #[test]
    fn whoever_does_not_know_us_yet_is_left_alone_for_minutes() {
        for text in [
            "4.7.1 try again later",
            "4.2.0 Greylisted, see",
            "Graylisting in action",
        ] {
            let busy = judged(Stage::Rcpt, 450, text);
            let wait = busy.failure().and_then(|failure| failure.retry_after);
            assert_eq!(wait, Some(GREYLISTED), "{text}");
        }
        let busy = judged(Stage::End, 451, "4.3.0 disk full");
        assert_eq!(busy.failure().and_then(|failure| failure.retry_after), None);
    }

    #[test]
    fn each_refusal_finds_whose_fault_it_is() {
        use Fault::{Message, Recipient, Sender};
        let table = [
            (Stage::Greeting, 554, "no service", Sender),
            (Stage::Hello, 550, "5.5.0 go away", Sender),
            (Stage::Tls, 502, "5.5.1 no", Sender),
            (Stage::Auth, 535, "5.7.8 wrong", Sender),
            (Stage::Auth, 504, "5.5.4 no such mechanism", Sender),
            (Stage::Mail, 530, "authenticate first", Sender),
            (Stage::Mail, 550, "not from you", Sender),
            (Stage::Mail, 553, "5.1.8 no such domain", Sender),
            (Stage::Mail, 550, "5.1.0 sender rejected", Sender),
            (Stage::Mail, 552, "5.3.4 too big", Message),
            (Stage::Mail, 501, "syntax", Message),
            (Stage::Rcpt, 550, "5.1.1 no such user", Recipient),
            (Stage::Rcpt, 550, "5.1.2 no such domain", Recipient),
            (Stage::Rcpt, 553, "5.1.3 no address", Recipient),
            (Stage::Rcpt, 550, "5.1.10 null MX", Recipient),
            (Stage::Rcpt, 550, "5.1.8 sender's domain", Sender),
            (Stage::Rcpt, 550, "5.1.6 moved", Message),
            (Stage::Rcpt, 550, "no such user", Message),
            (Stage::Rcpt, 552, "5.2.2 full", Message),
            (Stage::Rcpt, 554, "5.7.1 relay access denied", Sender),
            (Stage::Data, 554, "no valid recipients", Message),
            (Stage::End, 554, "5.6.0 not a message", Message),
            (Stage::End, 550, "5.7.1 blocked", Sender),
            (Stage::End, 550, "5.1.1 no such user", Recipient),
        ];
        for (at, code, text, whose) in table {
            let error = judged(at, code, text);
            assert!(
                matches!(&error, SendError::Refused { fault, .. } if *fault == whose),
                "{at} {code} {text}: {error:?}"
            );
        }
    }

    #[test]
    fn a_far_side_that_goes_away_is_busy_at_any_stage() {
        for at in [Stage::Greeting, Stage::Mail, Stage::Rcpt, Stage::End] {
            let busy = judged(at, 421, "5.7.1 too many connections");
            assert!(matches!(busy, SendError::NotTaken(_)), "{busy:?}");
        }
    }
}
