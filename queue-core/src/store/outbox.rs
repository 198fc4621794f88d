//! The port for outbox rows.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::{
    ChannelName, ChannelState, Count, DeliveryBatch, DeliveryEvent, DeliveryRequest, Incident,
    LookRequest, Marked, Notification, NotificationId, NotificationState, Page, PhaseBatch,
    PhaseNoted, PublishBatch, Published, Raise, Recipient, StoreError, Subject, Suppression,
    UnreadableIncident,
};

/// What a backend does with notifications. Sending them is not its business.
///
/// ```
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use queue_core::memory::MemoryStore;
/// use queue_core::{
///     Delivery, DeliveryBatch, DeliveryLease, DeliveryPhase, DeliveryRequest, JobStore, Marked,
///     NewNotification, OutboxStore, Payload, PhaseBatch, PhaseNoted, ProviderId, PublishBatch,
///     WorkerName,
/// };
/// # use queue_core::{ChannelName, Intent, Purpose, Recipient, Revision, Subject};
/// # let intent = Intent {
/// #     channel: ChannelName::new("email")?,
/// #     purpose: Purpose::new("invoice")?,
/// #     subject: Subject::new("order:42")?,
/// #     recipient: Recipient::new("ada@example.org")?,
/// #     revision: Revision::new(1),
/// # };
/// let store = MemoryStore::default();
/// let invoice = NewNotification::new(intent, Payload::new("Dear Ada, …", "text/plain")?);
/// store.publish(PublishBatch::new(vec![invoice])?).await?;
///
/// let request = DeliveryRequest::new(WorkerName::new("mailer-1")?, 10, Duration::from_secs(60))?;
/// for row in store.lease_notifications(request).await? {
///     let lease = DeliveryLease {
///         store: store.id(),
///         id: row.id,
///         fence: row.fence,
///         expires_at: row.lease_expires_at.ok_or("a leased row has a lease")?,
///     };
///     // Written before the provider can take it: a crash after this leaves doubt, not a second mail.
///     let phase = vec![(lease, DeliveryPhase::Committing)];
///     let noted = store.note_phases(PhaseBatch::new(phase, Duration::from_secs(60))?).await?;
///     if noted == [PhaseNoted::LeaseLost] {
///         continue;
///     }
///     let sent = Delivery::Sent { provider_id: ProviderId::new("4711").ok() };
///     let marked = store.mark(DeliveryBatch::new(vec![(lease, sent)])?).await?;
///     assert!(matches!(marked[0], Marked::Applied { .. }));
/// }
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait OutboxStore: Debug + Send + Sync + 'static {
    /// Stores messages, all or none; the same intent is stored once.
    async fn publish(&self, batch: PublishBatch) -> Result<Vec<Published>, StoreError>;

    /// Hands out rows that are due, under fresh leases, oldest due first; none of channels that are
    /// paused.
    async fn lease_notifications(
        &self,
        request: DeliveryRequest,
    ) -> Result<Vec<Notification>, StoreError>;

    /// Writes down how far attempts are, before the step that cannot be taken back, and lets their
    /// leases go on. [`PhaseNoted::LeaseLost`] means: the step must not be taken.
    async fn note_phases(&self, batch: PhaseBatch) -> Result<Vec<PhaseNoted>, StoreError>;

    /// Marks how attempts, or verdicts on rows in doubt, ended, each under its own fence. With a mark
    /// come its event, the suppression and what it raises. A job whose last required notification this
    /// marks as sent is finished in the same transaction.
    async fn mark(&self, batch: DeliveryBatch) -> Result<Vec<Marked>, StoreError>;

    /// Puts rows whose lease ran out while sending into doubt, at most `limit`, and names them. They
    /// are due to be looked at.
    async fn doubt_expired(&self, limit: u32) -> Result<Vec<NotificationId>, StoreError>;

    /// Names rows whose lease ran out while sending, those first that ran out first; changes nothing.
    async fn interrupted(&self, page: Page) -> Result<Vec<NotificationId>, StoreError>;

    /// As [`doubt_expired`](Self::doubt_expired) for these rows alone; those of which it is not true (any
    /// more) are left out.
    async fn doubt_interrupted(
        &self,
        rows: &[NotificationId],
    ) -> Result<Vec<NotificationId>, StoreError>;

    /// Hands out rows that the provider is to be asked about, and puts off when they are due again.
    async fn look(&self, request: LookRequest) -> Result<Vec<Notification>, StoreError>;

    /// What happened to a row on its way, oldest first.
    async fn delivery_events(&self, id: NotificationId) -> Result<Vec<DeliveryEvent>, StoreError>;

    /// Which of these recipients get nothing through a channel at present.
    async fn suppressed(
        &self,
        channel: &ChannelName,
        recipients: &[Recipient],
    ) -> Result<Vec<Suppression>, StoreError>;

    /// The channels that were ever paused, by name.
    async fn channels(&self) -> Result<Vec<ChannelState>, StoreError>;

    /// How many rows are where, each count up to [`STATS_COUNT_CAP`](crate::STATS_COUNT_CAP).
    async fn outbox_stats(&self) -> Result<OutboxStats, StoreError>;

    /// Counts what happened in its incidents, and publishes what that leads to.
    async fn raise(&self, raises: Vec<Raise>) -> Result<(), StoreError>;

    /// The incidents that are open, by key, from after `after` on; at most `limit`. One that cannot be read
    /// is listed with why, and keeps none of the others from being read.
    async fn open_incidents(
        &self,
        after: Option<&Subject>,
        limit: u32,
    ) -> Result<Vec<Result<Incident, UnreadableIncident>>, StoreError>;

    /// Ends an incident whose cause is gone, and publishes that. `false` if it is over, or something
    /// happened since `version`.
    async fn resolve_incident(&self, key: &Subject, version: i64) -> Result<bool, StoreError>;

    /// Rows in one state, by id.
    async fn notifications(
        &self,
        state: NotificationState,
        page: Page,
    ) -> Result<Vec<Notification>, StoreError>;

    /// One row.
    async fn notification(&self, id: NotificationId) -> Result<Option<Notification>, StoreError>;
}

/// How many rows are where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxStats {
    /// To be sent, also those that are not due yet.
    pub pending: Count,
    /// Under a lease.
    pub sending: Count,
    /// In doubt.
    pub in_doubt: Count,
    /// Refused for good.
    pub failed: Count,
    /// How long the row that is due longest has been due.
    pub lag: Option<Duration>,
    /// How long the oldest doubt has lasted.
    pub oldest_doubt: Option<Duration>,
}
