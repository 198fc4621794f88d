use async_trait::async_trait;
use queue_core::{
    DeliveryBatch, DeliveryLease, DeliveryPhase, DeliveryRequest, Marked, Notification,
    NotificationId, NotificationState, OutboxStore, Page, PublishBatch, Published, StoreError,
};

use crate::ops::outbox;
use crate::store::SqliteStore;

impl SqliteStore {
    fn check_deliveries<'l>(
        &self,
        leases: impl IntoIterator<Item = &'l DeliveryLease>,
    ) -> Result<(), StoreError> {
        let foreign = leases.into_iter().find(|lease| lease.store != self.0.id);
        foreign.map_or(Ok(()), |lease| {
            Err(StoreError::ForeignDelivery {
                notification: lease.id,
            })
        })
    }
}

#[async_trait]
impl OutboxStore for SqliteStore {
    async fn publish(&self, batch: PublishBatch) -> Result<Vec<Published>, StoreError> {
        self.write("publish", batch.notifications().len(), move |session| {
            outbox::publish(session, &batch)
        })
        .await
    }

    async fn lease_notifications(
        &self,
        request: DeliveryRequest,
    ) -> Result<Vec<Notification>, StoreError> {
        let weight = usize::try_from(request.limit()).unwrap_or(usize::MAX);
        self.write("leasing notifications", weight, move |session| {
            outbox::lease(session, &request)
        })
        .await
    }

    async fn note_phase(
        &self,
        lease: &DeliveryLease,
        phase: DeliveryPhase,
    ) -> Result<bool, StoreError> {
        self.check_deliveries([lease])?;
        let lease = *lease;
        self.write("noting a delivery's phase", 1, move |session| {
            outbox::note_phase(session, &lease, phase)
        })
        .await
    }

    async fn mark(&self, batch: DeliveryBatch) -> Result<Vec<Marked>, StoreError> {
        self.check_deliveries(batch.deliveries().iter().map(|(lease, _)| lease))?;
        self.write(
            "marking deliveries",
            batch.deliveries().len(),
            move |session| outbox::mark(session, &batch),
        )
        .await
    }

    async fn doubt_expired(&self, limit: u32) -> Result<Vec<NotificationId>, StoreError> {
        let weight = usize::try_from(limit).unwrap_or(usize::MAX);
        self.write("doubting expired deliveries", weight, move |session| {
            outbox::doubt_expired(session, limit)
        })
        .await
    }

    async fn notifications(
        &self,
        state: NotificationState,
        page: Page,
    ) -> Result<Vec<Notification>, StoreError> {
        self.read("listing notifications", move |session| {
            outbox::page(session, state, page)
        })
        .await
    }

    async fn notification(&self, id: NotificationId) -> Result<Option<Notification>, StoreError> {
        self.read("reading a notification", move |session| {
            outbox::one(session, id)
        })
        .await
    }
}
