//! The port for outbox rows.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{
    DeliveryBatch, DeliveryLease, DeliveryPhase, DeliveryRequest, Marked, Notification,
    NotificationId, NotificationState, Page, PublishBatch, Published, StoreError,
};

/// What a backend does with notifications. Sending them is not its business.
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
