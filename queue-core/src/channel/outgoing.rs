//! What a channel is given, and what it gives back.

use crate::{Intent, Notification, NotificationId, Payload, ProviderId, Recipient, Timestamp};

/// One message to one recipient, as it was stored: every attempt gets the same.
///
/// ```
/// use queue_core::channel::Outgoing;
/// use queue_core::Payload;
/// # use queue_core::{ChannelName, Intent, Purpose, Recipient, Revision, Subject};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let intent = Intent {
/// #     channel: ChannelName::new("email")?,
/// #     purpose: Purpose::new("invoice")?,
/// #     subject: Subject::new("order:42")?,
/// #     recipient: Recipient::new("ada@example.org")?,
/// #     revision: Revision::new(1),
/// # };
/// // In a channel's own tests; otherwise the deliverer makes them.
/// let message = Outgoing::new(intent.clone(), Payload::new("Dear Ada, …", "text/plain")?);
/// assert_eq!(message.key(), intent.provider_key());
/// assert_eq!(message.body(), "Dear Ada, …".as_bytes());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    id: NotificationId,
    intent: Intent,
    key: String,
    payload: Payload,
    attempt: u16,
    created_at: Timestamp,
    provider_id: Option<ProviderId>,
}

impl Outgoing {
    /// A first attempt, for tests of channels.
    #[must_use]
    pub fn new(intent: Intent, payload: Payload) -> Self {
        Self {
            id: NotificationId::new(1),
            key: intent.provider_key(),
            intent,
            payload,
            attempt: 1,
            created_at: Timestamp::of_this_host(),
            provider_id: None,
        }
    }

    /// What is to be sent for a row. A row that an operator redirected goes to where it was redirected.
    #[must_use]
    pub fn of(row: &Notification) -> Self {
        let mut intent = row.intent.clone();
        if let Some(elsewhere) = &row.redirected_to {
            intent.recipient = elsewhere.clone();
        }
        Self {
            id: row.id,
            intent,
            key: row.provider_key.clone(),
            payload: row.message.clone(),
            attempt: row.attempt,
            created_at: row.created_at,
            provider_id: row.provider_id.clone(),
        }
    }

    /// The row's id in the store.
    #[must_use]
    pub fn id(&self) -> NotificationId {
        self.id
    }

    /// What it is about, and to whom it goes now.
    #[must_use]
    pub fn intent(&self) -> &Intent {
        &self.intent
    }

    /// To whom it goes.
    #[must_use]
    pub fn recipient(&self) -> &Recipient {
        &self.intent.recipient
    }

    /// The key that the far side sees, the same on every attempt: 64 hexadecimal digits.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The rendered message.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// The bytes of the rendered message.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.payload.bytes()
    }

    /// Which attempt this is, from 1.
    #[must_use]
    pub fn attempt(&self) -> u16 {
        self.attempt
    }

    /// When it was stored.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// The far side's id, if it gave one on an earlier attempt.
    #[must_use]
    pub fn provider_id(&self) -> Option<&ProviderId> {
        self.provider_id.as_ref()
    }
}

/// The far side took the message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Its id for it, if it gave one that can be kept.
    pub provider_id: Option<ProviderId>,
}

impl Receipt {
    /// Taken, and no id was given.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Taken under an id. One that cannot be kept is left out: the message was taken all the same.
    ///
    /// ```
    /// use queue_core::channel::Receipt;
    /// assert!(Receipt::with_id("queued as 4711").provider_id.is_some());
    /// assert_eq!(Receipt::with_id("line\nfeed"), Receipt::none());
    /// ```
    #[must_use]
    pub fn with_id(id: &str) -> Self {
        Self {
            provider_id: ProviderId::new(id).ok(),
        }
    }
}
