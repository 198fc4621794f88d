//! The port for outbox rows.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{
    DeliveryBatch, DeliveryLease, DeliveryPhase, DeliveryRequest, Marked, Notification,
    NotificationId, NotificationState, Page, PublishBatch, Published, StoreError,
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
///     NewNotification, OutboxStore, Payload, ProviderId, PublishBatch, WorkerName,
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
///     if !store.note_phase(&lease, DeliveryPhase::Committing).await? {
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

    /// Hands out rows that are due, under fresh leases, oldest due first.
    async fn lease_notifications(
        &self,
        request: DeliveryRequest,
    ) -> Result<Vec<Notification>, StoreError>;

    /// Writes down how far an attempt is, before the step that cannot be taken back. `false` means
    /// that the lease is lost: the step must not be taken.
    async fn note_phase(
        &self,
        lease: &DeliveryLease,
        phase: DeliveryPhase,
    ) -> Result<bool, StoreError>;

    /// Marks how attempts, or verdicts on rows in doubt, ended. A job whose last required
    /// notification this marks as sent is finished in the same transaction.
    async fn mark(&self, batch: DeliveryBatch) -> Result<Vec<Marked>, StoreError>;

    /// Puts rows whose lease ran out while sending into doubt, at most `limit`, and names them.
    async fn doubt_expired(&self, limit: u32) -> Result<Vec<NotificationId>, StoreError>;

    /// Rows in one state, by id.
    async fn notifications(
        &self,
        state: NotificationState,
        page: Page,
    ) -> Result<Vec<Notification>, StoreError>;

    /// One row.
    async fn notification(&self, id: NotificationId) -> Result<Option<Notification>, StoreError>;
}
