//! The port for outbox rows.

use std::time::Instant;

use async_trait::async_trait;
use queue_core::{
    DeliveryBatch, DeliveryLease, DeliveryPhase, DeliveryRequest, Marked, Notification,
    NotificationId, NotificationState, OutboxStore, Page, PublishBatch, Published, StoreError,
};

use crate::fault::Fault;
use crate::ops::{outbox, publish};
use crate::session::{Mode, Session, TRIES, pause};
use crate::store::{PostgresStore, brought};

#[async_trait]
impl OutboxStore for PostgresStore {
    async fn publish(&self, batch: PublishBatch) -> Result<Vec<Published>, StoreError> {
        let brought = brought(&batch);
        run!(self, "publish", Transaction, |session| {
            publish::publish(session, &brought).await
        })
    }

    async fn lease_notifications(
        &self,
        request: DeliveryRequest,
    ) -> Result<Vec<Notification>, StoreError> {
        run!(self, "lease_notifications", Single, |session| {
            outbox::lease(session, &request).await
        })
    }

    async fn note_phase(
        &self,
        lease: &DeliveryLease,
        phase: DeliveryPhase,
    ) -> Result<bool, StoreError> {
        self.check_delivery(lease)?;
        run!(self, "note_phase", Single, |session| {
            outbox::note_phase(session, lease, phase).await
        })
    }

    async fn mark(&self, batch: DeliveryBatch) -> Result<Vec<Marked>, StoreError> {
        for (lease, _) in batch.deliveries() {
            self.check_delivery(lease)?;
        }
        run!(self, "mark", Transaction, |session| {
            outbox::mark(session, &batch).await
        })
    }

    async fn doubt_expired(&self, limit: u32) -> Result<Vec<NotificationId>, StoreError> {
        run!(self, "doubt_expired", Single, |session| {
            outbox::doubt_expired(session, limit).await
        })
    }

    async fn notifications(
        &self,
        state: NotificationState,
        page: Page,
    ) -> Result<Vec<Notification>, StoreError> {
        run!(self, "notifications", Read, |session| {
            outbox::page(session, state, page).await
        })
    }

    async fn notification(&self, id: NotificationId) -> Result<Option<Notification>, StoreError> {
        run!(self, "notification", Read, |session| {
            outbox::one(session, id).await
        })
    }
}
