//! Outbox rows: intended messages that are stored with the job and sent afterwards.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::batch::{MAX_BATCH, check_bytes, check_size};
use crate::{
    ChannelName, Code, DeliveryPhase, Fence, InvalidBatch, JobId, NotificationId, Payload,
    ProviderId, Purpose, Recipient, Revision, RunAt, Subject, Timestamp,
};

/// Where an outbox row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationState {
    /// To be sent.
    Pending,
    /// Under a lease; a call to the provider may be under way.
    Sending,
    /// The provider took it, and that is marked.
    Sent,
    /// The provider refused it for good; waits for an operator.
    Failed,
    /// Nobody knows whether the provider took it; to be reconciled, never just resent.
    InDoubt,
    /// An operator decided that it need not be sent.
    Waived,
}

/// All legal transitions of outbox rows.
pub const NOTIFICATION_TRANSITIONS: &[(NotificationState, NotificationState)] = &[
    (NotificationState::Pending, NotificationState::Sending),
    (NotificationState::Sending, NotificationState::Sent),
    (NotificationState::Sending, NotificationState::Pending),
    (NotificationState::Sending, NotificationState::Failed),
    (NotificationState::Sending, NotificationState::InDoubt),
    (NotificationState::InDoubt, NotificationState::Sent),
    (NotificationState::InDoubt, NotificationState::Pending),
    // The provider denies what was marked.
    (NotificationState::Sent, NotificationState::InDoubt),
    (NotificationState::Failed, NotificationState::Pending),
    (NotificationState::Failed, NotificationState::Waived),
];

impl NotificationState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Pending,
        Self::Sending,
        Self::Sent,
        Self::Failed,
        Self::InDoubt,
        Self::Waived,
    ];

    /// The state's name in databases, labels and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::InDoubt => "in_doubt",
            Self::Waived => "waived",
        }
    }

    /// Whether a job that requires the row may finish.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Sent | Self::Waived)
    }
}

/// What makes an intent one intent: stored once, however often it is asked for.
///
/// ```
/// use queue_core::{ChannelName, Intent, Purpose, Recipient, Revision, Subject};
/// # fn main() -> Result<(), queue_core::InvalidName> {
/// let intent = Intent {
///     channel: ChannelName::new("email")?,
///     purpose: Purpose::new("invoice")?,
///     subject: Subject::new("order:42")?,
///     recipient: Recipient::new("ada@example.org")?,
///     revision: Revision::new(1),
/// };
/// let corrected = Intent { revision: Revision::new(2), ..intent.clone() };
/// assert_ne!(intent.provider_key(), corrected.provider_key(), "it is sent anew");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Intent {
    /// Through which channel.
    pub channel: ChannelName,
    /// What for.
    pub purpose: Purpose,
    /// About what.
    pub subject: Subject,
    /// To whom.
    pub recipient: Recipient,
    /// About which revision.
    pub revision: Revision,
}

impl Intent {
    /// The key that the provider sees on every attempt: 64 hexadecimal digits of SHA-256 over the
    /// parts, each with its length, so that no two intents share one.
    #[must_use]
    pub fn provider_key(&self) -> String {
        let mut hash = Sha256::new();
        let revision = self.revision.to_string();
        for part in [
            "leasehold/notification/1",
            self.channel.as_str(),
            self.purpose.as_str(),
            self.subject.as_str(),
            self.recipient.as_str(),
            &revision,
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        crate::hex(&hash.finalize())
    }
}

/// A message to be stored in the outbox.
///
/// ```
/// use queue_core::{NewNotification, Payload, RunAt};
/// # use queue_core::{ChannelName, Intent, Purpose, Recipient, Revision, Subject};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let intent = Intent {
/// #     channel: ChannelName::new("email")?,
/// #     purpose: Purpose::new("invoice")?,
/// #     subject: Subject::new("order:42")?,
/// #     recipient: Recipient::new("ada@example.org")?,
/// #     revision: Revision::new(1),
/// # };
/// let message = Payload::new("Dear Ada, …", "text/plain")?;
/// let invoice = NewNotification::new(intent, message).required();
/// assert!(invoice.required, "its job is finished only when it is sent or waived");
/// assert_eq!(invoice.run_at, RunAt::Now);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NewNotification {
    /// Its identity.
    pub intent: Intent,
    /// The rendered message; every attempt sends these bytes.
    pub message: Payload,
    /// Whether the job that brings it waits for it.
    pub required: bool,
    /// Not before.
    pub run_at: RunAt,
}

impl NewNotification {
    /// A message that its job does not wait for.
    #[must_use]
    pub fn new(intent: Intent, message: Payload) -> Self {
        Self {
            intent,
            message,
            required: false,
            run_at: RunAt::Now,
        }
    }

    /// The job that brings it is finished only when it is sent or waived.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

/// Messages to be stored together.
#[derive(Debug, Clone)]
pub struct PublishBatch(Vec<NewNotification>);

impl PublishBatch {
    /// 1 to 10,000 messages of up to 64 MiB together; repeats of one intent are allowed and stored once.
    pub fn new(notifications: Vec<NewNotification>) -> Result<Self, InvalidBatch> {
        check_size(notifications.len(), MAX_BATCH)?;
        check_bytes(notifications.iter().map(|new| &new.message))?;
        Ok(Self(notifications))
    }

    /// The messages, in the order given.
    #[must_use]
    pub fn notifications(&self) -> &[NewNotification] {
        &self.0
    }
}

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// It is stored.
    Stored(NotificationId),
    /// The same intent was there already, and is not stored twice.
    Duplicate(NotificationId),
}

impl Published {
    /// A stable reason code: whether this row is new.
    ///
    /// ```
    /// use queue_core::{NotificationId, Published};
    /// assert_eq!(Published::Duplicate(NotificationId::new(1)).code(), "duplicate");
    /// ```
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Stored(_) => Code::Stored.as_str(),
            Self::Duplicate(_) => Code::Duplicate.as_str(),
        }
    }

    /// The row that stands for the intent.
    #[must_use]
    pub fn id(self) -> NotificationId {
        match self {
            Self::Stored(id) | Self::Duplicate(id) => id,
        }
    }
}

/// An outbox row that was leased, or is to be looked at, and cannot be read. A store leaves it out, and where it
/// is: what was leased is in doubt when its lease has run out, what is looked at is looked at again. So it keeps
/// none of the others waiting, counts among the doubts until somebody has mended it, and goes on by itself then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the notification {id} cannot be read: its column `{column}` is not as it was written")]
pub struct UnreadableNotification {
    /// Which row.
    pub id: NotificationId,
    /// Which column. What it holds is not quoted: it may be an address.
    pub column: String,
}

impl UnreadableNotification {
    /// Logs it with its reason code, and counts it.
    pub fn report(&self) {
        let (notification, code) = (self.id, Code::StoreCorrupt.as_str());
        tracing::error!(%notification, code, error = %self, "a notification is set aside");
        metrics::counter!("leasehold_notifications_unreadable_total").increment(1);
    }
}

/// An outbox row as a deliverer or operator sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// The job that brought it, if one did.
    pub job: Option<JobId>,
    /// Its identity.
    pub intent: Intent,
    /// Where it is.
    pub state: NotificationState,
    /// The rendered message.
    pub message: Payload,
    /// The SHA-256 of the message's bytes when they were stored, in hexadecimal.
    pub digest: String,
    /// The key the provider sees: the intent's, with the recipient it was redirected to.
    pub provider_key: String,
    /// Where an operator redirected it. Its identity stays, so that the intent is not stored again.
    pub redirected_to: Option<Recipient>,
    /// How often it was leased, as a fence.
    pub fence: Fence,
    /// Attempts to send it, the present one included.
    pub attempt: u16,
    /// Not before.
    pub run_at: Timestamp,
    /// How far the last attempt got.
    pub phase: DeliveryPhase,
    /// Who holds it until when.
    pub lease_expires_at: Option<Timestamp>,
    /// The provider's id for it.
    pub provider_id: Option<ProviderId>,
    /// When it was marked as sent.
    pub notified_at: Option<Timestamp>,
    /// What went wrong last: class and text.
    pub failure: Option<(crate::ErrorClass, String)>,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When it was leased first under its provider key.
    pub first_attempt_at: Option<Timestamp>,
    /// Whether an earlier attempt under its key may have been taken, without its being in doubt: it is
    /// sent again since the far side takes the key once, and only as long as it does.
    pub perhaps_taken: bool,
    /// Since when it is in doubt; kept when the doubt ends.
    pub doubted_at: Option<Timestamp>,
    /// When the provider is to be asked about it (again).
    pub look_at: Option<Timestamp>,
    /// How often the provider was asked since it fell into doubt, or was marked.
    pub looks: u16,
}

impl Notification {
    /// To whom it goes.
    #[must_use]
    pub fn goes_to(&self) -> &Recipient {
        self.redirected_to
            .as_ref()
            .unwrap_or(&self.intent.recipient)
    }

    /// Whether its message is what was stored.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.digest == digest(&self.message)
    }
}

/// The SHA-256 of a message's bytes, in hexadecimal.
///
/// ```
/// use queue_core::{Payload, digest};
/// let message = Payload::new("abc", "text/plain").unwrap();
/// assert!(digest(&message).starts_with("ba7816bf"));
/// ```
#[must_use]
pub fn digest(message: &Payload) -> String {
    crate::hex(&Sha256::digest(message.bytes()))
}

/// Something that happened to a row on its way: what operators judge by when it is in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryEvent {
    /// When.
    pub at: Timestamp,
    /// In which attempt.
    pub attempt: u16,
    /// How far the attempt had got.
    pub phase: DeliveryPhase,
    /// Where it led.
    pub state: NotificationState,
    /// What went wrong, or what an operator found: class and text.
    pub failure: Option<(crate::ErrorClass, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn intent(parts: &[String; 4], revision: i64) -> Intent {
        Intent {
            channel: ChannelName::new(&parts[0]).unwrap(),
            purpose: Purpose::new(&parts[1]).unwrap(),
            subject: Subject::new(&parts[2]).unwrap(),
            recipient: Recipient::new(&parts[3]).unwrap(),
            revision: Revision::new(revision),
        }
    }

    proptest! {
        #[test]
        fn only_equal_intents_share_a_provider_key(
            a in proptest::array::uniform4("[ab]{1,3}"), b in proptest::array::uniform4("[ab]{1,3}"),
            x in 0i64..3, y in 0i64..3,
        ) {
            let (one, other) = (intent(&a, x), intent(&b, y));
            prop_assert_eq!(one == other, one.provider_key() == other.provider_key());
        }
    }

    #[test]
    fn the_provider_key_never_changes() {
        let parts = ["email", "review", "changelist:7", "a@example.org"].map(str::to_owned);
        assert_eq!(
            intent(&parts, 2).provider_key(),
            "48c98dec0ed9b06cd235643a2f9b0e2e6e2544c8f4aea7961b5cc054daedede9"
        );
    }
}
