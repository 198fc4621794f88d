//! What becomes of a row in doubt, and of a mark that the provider denies. Pure.

use std::time::Duration;

use crate::channel::{Capabilities, Lookup};
use crate::{
    ChannelPolicy, DeliveryPhase, DoubtPolicy, ErrorClass, Failure, Jitter, Notification,
    NotificationState, ProviderId, Timestamp,
};

/// What is known of a row when it is looked at.
#[derive(Debug, Clone)]
pub(crate) enum Known {
    /// Nobody was asked.
    NotAsked,
    /// The far side answered.
    Answer(Lookup),
    /// It could not be asked.
    Unreachable,
}

/// What becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Judgement {
    /// It was delivered: the mark is made good.
    Delivered(Option<ProviderId>),
    /// It was not delivered, or once more does no harm: it is sent again.
    SendAgain {
        /// Why.
        failure: Failure,
        /// Whether it may have been taken all the same.
        perhaps_taken: bool,
        /// Not before.
        wait: Duration,
    },
    /// It is looked at again after that.
    Wait(Duration),
    /// Only an operator can tell.
    Hold,
    /// It is marked, and the far side has not got it: the mark is taken back.
    Violated(Failure),
}

/// Whether the far side has to be asked before a row can be judged.
pub(crate) fn must_ask(row: &Notification, capabilities: Capabilities) -> bool {
    capabilities.lookup.is_some() && !never_handed_over(row)
}

/// Whether nothing of it can have been taken: the phase is written before the step that cannot be taken
/// back. It says nothing of an earlier attempt that may have been taken.
fn never_handed_over(row: &Notification) -> bool {
    row.state == NotificationState::InDoubt
        && row.phase < DeliveryPhase::Committing
        && !row.perhaps_taken
}

/// Judges a row in doubt, or one that was marked and is to be confirmed.
pub(crate) fn judge(
    row: &Notification,
    capabilities: Capabilities,
    policy: &ChannelPolicy,
    known: Known,
    now: Timestamp,
    jitter: Jitter,
) -> Judgement {
    let again = |perhaps_taken: bool, text: &str| Judgement::SendAgain {
        failure: if perhaps_taken {
            // What is known of it has not changed.
            Failure::retryable(class_of(row), text)
        } else {
            Failure::retryable(ErrorClass::not_delivered(), text)
        },
        perhaps_taken,
        // What is known not to have been taken has waited long enough; unless it is the message itself that
        // ends those who send it.
        wait: if perhaps_taken || row.attempt > AT_ONCE {
            policy.retry.delay(row.attempt, None, jitter)
        } else {
            Duration::ZERO
        },
    };
    let marked = row.state == NotificationState::Sent;
    if never_handed_over(row) {
        let text = format!("it had come to the phase `{}` only", row.phase.as_str());
        return again(false, &text);
    }
    match known {
        Known::Answer(Lookup::Found { provider_id }) => return Judgement::Delivered(provider_id),
        Known::Answer(Lookup::Absent) => {
            let lag = capabilities.lookup.unwrap_or_default();
            let since = if marked {
                row.notified_at
            } else {
                row.doubted_at
            };
            let waited = now.since(since.unwrap_or(row.created_at));
            // It may have taken it a moment before, and not know it yet.
            return if waited < lag {
                Judgement::Wait(lag - waited)
            } else if denied_again(row) {
                // Repaired once: what it says now is not to be believed without a person.
                Judgement::Hold
            } else if marked {
                Judgement::Violated(Failure::retryable(
                    ErrorClass::ordering_violated(),
                    "it was marked as sent, and the provider has not got it",
                ))
            } else {
                again(false, "the provider has not got it")
            };
        }
        Known::Unreachable => return Judgement::Wait(again_in(row.looks)),
        // It may know more when it knows all.
        Known::Answer(Lookup::CannotTell) if !marked && early(row, capabilities, now) => {
            return Judgement::Wait(again_in(row.looks));
        }
        // Nothing speaks against the mark.
        _ if marked => return Judgement::Delivered(None),
        Known::Answer(Lookup::CannotTell) | Known::NotAsked => {}
    }
    // The key must still be known when the send comes to its end.
    let age = now.since(row.first_attempt_at.unwrap_or(row.created_at));
    let end = age.saturating_add(policy.lease);
    if row.attempt >= policy.max_attempts || was_refused(row) {
        Judgement::Hold
    } else if capabilities.idempotence.holds_after(end) {
        again(true, "nobody knows: sent again under the same key")
    } else if policy.doubt == DoubtPolicy::Resend {
        again(true, "nobody knows: sent again by the channel's policy")
    } else {
        Judgement::Hold
    }
}

/// Attempts after which a message that nobody took is sent again without delay.
const AT_ONCE: u16 = 2;

/// Whether a row is denied that was denied before: a far side that forgets, or never knew.
fn denied_again(row: &Notification) -> bool {
    let denied = |(class, _): &(ErrorClass, String)| *class == ErrorClass::ordering_violated();
    row.state == NotificationState::InDoubt
        && row.attempt > 1
        && row.failure.as_ref().is_some_and(denied)
}

/// Whether the doubt is about an earlier attempt, and the last one was answered: another would be refused
/// in the same way.
fn was_refused(row: &Notification) -> bool {
    let refusals = [
        ErrorClass::message_refused(),
        ErrorClass::message_unsupported(),
        ErrorClass::target_forbidden(),
        ErrorClass::recipient_refused(),
        ErrorClass::recipient_suppressed(),
    ];
    row.failure
        .as_ref()
        .is_some_and(|(class, _)| refusals.contains(class))
}

fn class_of(row: &Notification) -> ErrorClass {
    let failure = row.failure.as_ref();
    failure.map_or_else(ErrorClass::reply_lost, |(class, _)| class.clone())
}

fn early(row: &Notification, capabilities: Capabilities, now: Timestamp) -> bool {
    let waited = now.since(row.doubted_at.unwrap_or(row.created_at));
    waited < capabilities.lookup.unwrap_or_default()
}

/// How long until the far side is asked again, after so many times.
fn again_in(looks: u16) -> Duration {
    let doubled = 2u32.saturating_pow(u32::from(looks.min(12)));
    Duration::from_secs(5)
        .saturating_mul(doubled)
        .min(Duration::from_secs(600))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{Idempotence, Outgoing};
    use crate::{
        ChannelName, Fence, Intent, NotificationId, Payload, Purpose, Recipient, Revision, Subject,
        digest,
    };

    const LAG: Duration = Duration::from_secs(30);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn row(state: NotificationState, phase: DeliveryPhase) -> Notification {
        let intent = Intent {
            channel: ChannelName::new("email").unwrap(),
            purpose: Purpose::new("p").unwrap(),
            subject: Subject::new("s").unwrap(),
            recipient: Recipient::new("r").unwrap(),
            revision: Revision::new(1),
        };
        let message = Payload::new("m", "text/plain").unwrap();
        Notification {
            id: NotificationId::new(1),
            job: None,
            provider_key: intent.provider_key(),
            intent,
            state,
            digest: digest(&message),
            message,
            redirected_to: None,
            fence: Fence::new(1),
            attempt: 1,
            run_at: at(0),
            phase,
            lease_expires_at: None,
            provider_id: None,
            notified_at: (state == NotificationState::Sent).then_some(at(100)),
            failure: None,
            created_at: at(0),
            first_attempt_at: Some(at(10)),
            perhaps_taken: false,
            doubted_at: Some(at(100)),
            look_at: None,
            looks: 1,
        }
    }

    fn name(judgement: &Judgement) -> &'static str {
        match judgement {
            Judgement::Delivered(_) => "delivered",
            Judgement::SendAgain { .. } => "again",
            Judgement::Wait(_) => "wait",
            Judgement::Hold => "hold",
            Judgement::Violated(_) => "violated",
        }
    }

    #[test]
    fn a_doubt_ends_by_evidence_by_the_key_or_by_a_person() {
        use DeliveryPhase::{Committing, Connecting, Leased};
        use NotificationState::{InDoubt, Sent};
        let none = Capabilities::none();
        let asks = none.lookup_after(LAG);
        let keyed = none.idempotent(Idempotence::For(Duration::from_secs(100)));
        let found = || Known::Answer(Lookup::Found { provider_id: None });
        let absent = || Known::Answer(Lookup::Absent);
        let silent = || Known::Answer(Lookup::CannotTell);
        let hold = ChannelPolicy::default();
        let cases = [
            (InDoubt, Leased, none, Known::NotAsked, 100, "again"),
            (InDoubt, Connecting, asks, Known::NotAsked, 100, "again"),
            (InDoubt, Committing, none, Known::NotAsked, 100, "hold"),
            (InDoubt, Committing, asks, found(), 100, "delivered"),
            (InDoubt, Committing, asks, absent(), 129, "wait"),
            (InDoubt, Committing, asks, absent(), 130, "again"),
            (InDoubt, Committing, asks, Known::Unreachable, 900, "wait"),
            (InDoubt, Committing, asks, silent(), 900, "hold"),
            // First sent at 10, the key is known for 100 s, and a lease of 60 s has to fit in.
            (InDoubt, Committing, keyed, Known::NotAsked, 49, "again"),
            (InDoubt, Committing, keyed, Known::NotAsked, 50, "hold"),
            (Sent, Committing, asks, found(), 100, "delivered"),
            (Sent, Committing, asks, absent(), 129, "wait"),
            (Sent, Committing, asks, absent(), 130, "violated"),
            (Sent, Committing, asks, silent(), 130, "delivered"),
            (Sent, Committing, asks, Known::Unreachable, 130, "wait"),
        ];
        for (n, (state, phase, capabilities, known, now, expected)) in cases.into_iter().enumerate()
        {
            let row = row(state, phase);
            let judgement = judge(
                &row,
                capabilities,
                &hold,
                known,
                at(now),
                Jitter::fixed(0.5),
            );
            assert_eq!(name(&judgement), expected, "case {n}");
        }
        let resend = ChannelPolicy {
            doubt: DoubtPolicy::Resend,
            ..ChannelPolicy::default()
        };
        // What an earlier attempt came to is not told by how far this one got.
        let mut second = row(InDoubt, Leased);
        second.perhaps_taken = true;
        let judgement = judge(
            &second,
            none,
            &hold,
            Known::NotAsked,
            at(100),
            Jitter::fixed(0.5),
        );
        assert_eq!(name(&judgement), "hold");
        let row = row(InDoubt, Committing);
        let judgement = judge(
            &row,
            none,
            &resend,
            Known::NotAsked,
            at(100),
            Jitter::fixed(0.5),
        );
        assert_eq!(name(&judgement), "again");
        let last = Notification {
            attempt: resend.max_attempts,
            ..row.clone()
        };
        let judgement = judge(
            &last,
            none,
            &resend,
            Known::NotAsked,
            at(100),
            Jitter::fixed(0.5),
        );
        assert_eq!(name(&judgement), "hold", "a risk is not taken for ever");
        // What is asked is asked for what would be sent.
        assert_eq!(Outgoing::of(&row).key(), row.provider_key);
    }

    #[test]
    fn nobody_is_asked_what_is_proven() {
        let asks = Capabilities::none().lookup_after(LAG);
        let row = |phase| row(NotificationState::InDoubt, phase);
        assert!(!must_ask(&row(DeliveryPhase::Connecting), asks));
        assert!(must_ask(&row(DeliveryPhase::Committing), asks));
        assert!(!must_ask(
            &row(DeliveryPhase::Committing),
            Capabilities::none()
        ));
    }
}
