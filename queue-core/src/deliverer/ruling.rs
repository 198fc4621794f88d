//! What follows from an attempt to send. Pure.

use std::time::Duration;

use crate::channel::{Capabilities, Fault, GateShut, Receipt, SendError};
use crate::{
    ChannelPolicy, Delivery, DeliveryPhase, DoubtPolicy, ErrorClass, Event, Failure, Jitter, RunAt,
    SuppressFor,
};

/// How an attempt ended, as this process saw it.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The channel gave an answer.
    Answered(Result<Receipt, SendError>),
    /// The channel panicked.
    Panicked,
    /// It was not sent: an earlier attempt may have been taken, and the key does not protect any more.
    KeyForgotten,
    /// It took longer than any send may.
    TooLong,
    /// The process is to stop: it was dropped.
    Dropped,
}

/// What the far side's answer says about the far side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    /// It works.
    Well,
    /// It did not take this one, and would not take others.
    Ill,
    /// The answer says nothing about it.
    Unknown,
}

/// What follows from an attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ruling {
    /// What is marked; nothing if the row is not ours any more.
    pub(crate) delivery: Option<Delivery>,
    /// When the provider is asked whether it has it.
    pub(crate) look_in: Option<Duration>,
    /// Whether it may have been taken, if that is news.
    pub(crate) perhaps_taken: Option<bool>,
    /// For how long the recipient gets nothing more.
    pub(crate) suppress: Option<SuppressFor>,
    /// The channel is to be paused, for this.
    pub(crate) pause: Option<Failure>,
    /// What is to be escalated.
    pub(crate) event: Option<Event>,
    /// What it says about the far side.
    pub(crate) health: Health,
}

impl Ruling {
    fn of(delivery: Delivery, health: Health) -> Self {
        Self {
            delivery: Some(delivery),
            look_in: None,
            perhaps_taken: None,
            suppress: None,
            pause: None,
            event: None,
            health,
        }
    }
}

/// What is known of the attempt, besides how it ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) capabilities: Capabilities,
    pub(crate) policy: &'a ChannelPolicy,
    /// How far it got.
    pub(crate) reached: DeliveryPhase,
    /// Whether an earlier attempt may have been taken.
    pub(crate) perhaps_taken: bool,
    /// Its number, from 1.
    pub(crate) number: u16,
    /// How long ago the far side may have seen the key first.
    pub(crate) age: Duration,
    pub(crate) jitter: Jitter,
}

/// Whether a row may be sent: of one that may have been taken before, only while its key protects, or
/// where the channel's policy takes that risk.
pub(crate) fn may_send(
    perhaps_taken: bool,
    capabilities: Capabilities,
    policy: &ChannelPolicy,
    age: Duration,
) -> bool {
    // The key must still be known when the send comes to its end.
    let end = age.saturating_add(policy.lease);
    !perhaps_taken
        || capabilities.idempotence.holds_after(end)
        || policy.doubt == DoubtPolicy::Resend
}

/// Rules on an attempt.
pub(crate) fn rule(ended: Ended, attempt: Attempt<'_>) -> Ruling {
    let committed = attempt.reached == DeliveryPhase::Committing;
    let gone = |text: &str| Failure::retryable(ErrorClass::reply_lost(), text);
    match ended {
        Ended::Answered(Ok(receipt)) => Ruling {
            look_in: attempt
                .capabilities
                .lookup
                .filter(|_| attempt.policy.verify),
            perhaps_taken: Some(false),
            ..Ruling::of(
                Delivery::Sent {
                    provider_id: receipt.provider_id,
                },
                Health::Well,
            )
        },
        Ended::Answered(Err(SendError::Stopped(GateShut::LeaseLost))) => Ruling {
            delivery: None,
            ..Ruling::of(Delivery::Released { run_at: RunAt::Now }, Health::Unknown)
        },
        // Our own database is no fault of the message's: no attempt is consumed.
        Ended::Answered(Err(SendError::Stopped(shut @ GateShut::NotWritten(_)))) => {
            let failure = Failure::retryable(ErrorClass::unclassified(), shut.to_string());
            let run_at = RunAt::In(attempt.wait(&failure));
            Ruling::of(Delivery::Released { run_at }, Health::Unknown)
        }
        Ended::Answered(Err(SendError::Unknown(failure))) if committed => unknown(failure, attempt),
        // It says so, but it never went through the gate.
        Ended::Answered(Err(SendError::NotTaken(failure) | SendError::Unknown(failure))) => {
            again(failure, attempt, Health::Ill)
        }
        Ended::Answered(Err(SendError::Refused { fault, failure })) => {
            refused(fault, failure, attempt)
        }
        Ended::KeyForgotten => {
            let failure =
                gone("an earlier attempt may have been taken, and its key is not known any more");
            Ruling {
                perhaps_taken: Some(true),
                ..Ruling::of(Delivery::InDoubt { failure }, Health::Unknown)
            }
        }
        Ended::Panicked if committed => unknown(gone("the channel panicked"), attempt),
        Ended::Panicked => {
            let failure = Failure::retryable(ErrorClass::unclassified(), "the channel panicked");
            again(failure, attempt, Health::Unknown)
        }
        Ended::TooLong if committed => unknown(gone("the send took longer than any may"), attempt),
        Ended::TooLong => {
            let text = "the send took longer than any may, and had not come to the gate";
            let failure = Failure::retryable(ErrorClass::network_timeout(), text);
            again(failure, attempt, Health::Ill)
        }
        Ended::Dropped if committed => {
            let failure = gone("the process was stopped before the answer came");
            unknown(failure, attempt)
        }
        Ended::Dropped => Ruling::of(Delivery::Released { run_at: RunAt::Now }, Health::Unknown),
    }
}

/// It was not taken: another attempt, as long as there are some.
fn again(failure: Failure, attempt: Attempt<'_>, health: Health) -> Ruling {
    if attempt.number >= attempt.policy.max_attempts {
        if attempt.perhaps_taken {
            // It may have reached somebody: that it failed would be a guess.
            return Ruling::of(Delivery::InDoubt { failure }, health);
        }
        return Ruling {
            event: Some(Event::NotificationFailed),
            ..Ruling::of(Delivery::Failed { failure }, health)
        };
    }
    Ruling::of(later(failure, attempt), health)
}

fn later(failure: Failure, attempt: Attempt<'_>) -> Delivery {
    Delivery::Retry {
        run_at: RunAt::In(attempt.wait(&failure)),
        failure,
    }
}

impl Attempt<'_> {
    /// How long until the next one.
    fn wait(&self, failure: &Failure) -> Duration {
        let policy = &self.policy.retry;
        policy.delay(self.number, failure.retry_after, self.jitter)
    }
}

/// Nobody knows: sent again under the same key where that is taken once, doubt otherwise.
fn unknown(failure: Failure, attempt: Attempt<'_>) -> Ruling {
    let key = attempt.capabilities.idempotence;
    let tries_left = attempt.number < attempt.policy.max_attempts;
    let wait = attempt.wait(&failure);
    // It must still be known when the next attempt comes to its end. Whether it is, is asked again then.
    let end = attempt
        .age
        .saturating_add(wait)
        .saturating_add(attempt.policy.lease);
    if tries_left && key.holds_after(end) {
        let run_at = RunAt::In(wait);
        return Ruling {
            perhaps_taken: Some(true),
            ..Ruling::of(Delivery::Retry { run_at, failure }, Health::Ill)
        };
    }
    Ruling::of(Delivery::InDoubt { failure }, Health::Ill)
}

fn refused(fault: Fault, failure: Failure, attempt: Attempt<'_>) -> Ruling {
    match fault {
        // However often: it is not the message's fault, and the channel waits for an operator.
        Fault::Sender => Ruling {
            pause: Some(failure.clone()),
            event: Some(Event::ChannelPaused),
            ..Ruling::of(later(failure, attempt), Health::Unknown)
        },
        // This attempt was refused; an earlier one may not have been.
        Fault::Message | Fault::Recipient if attempt.perhaps_taken => {
            Ruling::of(Delivery::InDoubt { failure }, Health::Well)
        }
        Fault::Message | Fault::Recipient => Ruling {
            suppress: (fault == Fault::Recipient).then_some(attempt.policy.suppress_for),
            event: Some(Event::NotificationFailed),
            ..Ruling::of(Delivery::Failed { failure }, Health::Well)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Idempotence;

    const NONE: Capabilities = Capabilities::none();

    fn with(
        ended: Ended,
        capabilities: Capabilities,
        reached: DeliveryPhase,
        number: u16,
        age: Duration,
    ) -> Ruling {
        let policy = ChannelPolicy::default();
        rule(
            ended,
            Attempt {
                capabilities,
                policy: &policy,
                reached,
                perhaps_taken: false,
                number,
                age,
                jitter: Jitter::fixed(0.5),
            },
        )
    }

    fn error(error: SendError) -> Ended {
        Ended::Answered(Err(error))
    }

    fn lost() -> Ended {
        error(SendError::reply_lost("EOF"))
    }

    fn code(ruling: &Ruling) -> &'static str {
        ruling.delivery.as_ref().map_or("nothing", Delivery::code)
    }

    #[test]
    fn a_lost_reply_is_doubt_unless_the_key_makes_a_resend_safe() {
        let day = Duration::from_secs(24 * 3600);
        let hour = Duration::from_secs(3600);
        let keyed = NONE.idempotent(Idempotence::For(day));
        let cases = [
            (NONE, hour, 1, "in_doubt"),
            (keyed, hour, 1, "retry"),
            // 2.5 s until the next attempt, and a lease of a minute.
            (keyed, day - Duration::from_secs(63), 1, "retry"),
            (keyed, day - Duration::from_secs(62), 1, "in_doubt"),
            // Never failed: it may have been taken.
            (keyed, hour, 30, "in_doubt"),
            (NONE.idempotent(Idempotence::Always), day * 99, 1, "retry"),
        ];
        for (capabilities, age, number, expected) in cases {
            let ruling = with(lost(), capabilities, DeliveryPhase::Committing, number, age);
            assert_eq!(code(&ruling), expected, "{capabilities:?} {age:?} {number}");
        }
    }

    #[test]
    fn nothing_is_in_doubt_that_did_not_go_through_the_gate() {
        for reached in [DeliveryPhase::Leased, DeliveryPhase::Connecting] {
            for ended in [lost(), Ended::Panicked] {
                let ruling = with(ended, NONE, reached, 1, Duration::ZERO);
                assert_eq!(code(&ruling), "retry");
            }
            let dropped = with(Ended::Dropped, NONE, reached, 1, Duration::ZERO);
            assert_eq!(code(&dropped), "put_back");
        }
        for ended in [Ended::Panicked, Ended::Dropped, Ended::TooLong] {
            let ruling = with(ended, NONE, DeliveryPhase::Committing, 1, Duration::ZERO);
            assert_eq!(code(&ruling), "in_doubt");
        }
    }

    #[test]
    fn a_refusal_stops_whoever_is_at_fault() {
        let at = |error, number| {
            let ended = Ended::Answered(Err(error));
            with(
                ended,
                NONE,
                DeliveryPhase::Committing,
                number,
                Duration::ZERO,
            )
        };
        let message = at(SendError::message_refused("554"), 1);
        assert_eq!((code(&message), message.suppress), ("failed", None));
        let recipient = at(SendError::recipient_refused("550 5.1.1"), 1);
        assert_eq!(
            (code(&recipient), recipient.suppress),
            ("failed", Some(SuppressFor::Ever))
        );
        for number in [1, 30, 99] {
            let sender = at(SendError::sender_refused("550 5.7.1"), number);
            assert_eq!((code(&sender), sender.suppress), ("retry", None));
            assert!(sender.pause.is_some());
        }
    }

    #[test]
    fn attempts_end() {
        let busy = || error(SendError::busy("451", None));
        let at = |number| {
            code(&with(
                busy(),
                NONE,
                DeliveryPhase::Committing,
                number,
                Duration::ZERO,
            ))
        };
        assert_eq!((at(29), at(30)), ("retry", "failed"));
    }

    #[test]
    fn a_lost_lease_marks_nothing() {
        let stopped = error(GateShut::LeaseLost.into());
        let ruling = with(stopped, NONE, DeliveryPhase::Connecting, 1, Duration::ZERO);
        assert_eq!(code(&ruling), "nothing");
    }
}
