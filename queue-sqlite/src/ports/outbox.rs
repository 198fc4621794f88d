use async_trait::async_trait;
use queue_core::{
    ChannelName, ChannelState, DeliveryBatch, DeliveryEvent, DeliveryLease, DeliveryRequest,
    Incident, LookRequest, Marked, Notification, NotificationId, NotificationState, OutboxStats,
    OutboxStore, Page, PhaseBatch, PhaseNoted, PublishBatch, Published, Raise, Recipient,
    StoreError, Subject, Suppression, UnreadableIncident,
};

use crate::ops::{channel, doubt, incident, mark, outbox, stats, suppression};
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
        let weight = batch.notifications().len();
        let published = self
            .write("publish", weight, move |session| {
                outbox::publish(session, &batch)
            })
            .await?;
        self.ring();
        Ok(published)
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

    async fn note_phases(&self, batch: PhaseBatch) -> Result<Vec<PhaseNoted>, StoreError> {
        self.check_deliveries(batch.notes().iter().map(|(lease, _)| lease))?;
        let weight = batch.notes().len();
        self.write("noting phases of deliveries", weight, move |session| {
            outbox::note_phases(session, &batch)
        })
        .await
    }

    async fn mark(&self, batch: DeliveryBatch) -> Result<Vec<Marked>, StoreError> {
        self.check_deliveries(batch.markings().iter().map(|marking| &marking.lease))?;
        let weight = batch.markings().len();
        let raises = batch.markings().iter().any(|one| !one.raises.is_empty());
        let marked = self
            .write("marking deliveries", weight, move |session| {
                mark::mark(session, &batch)
            })
            .await?;
        if raises {
            self.ring();
        }
        Ok(marked)
    }

    async fn doubt_expired(&self, limit: u32) -> Result<Vec<NotificationId>, StoreError> {
        let weight = usize::try_from(limit).unwrap_or(usize::MAX);
        self.write("doubting expired deliveries", weight, move |session| {
            doubt::expired(session, limit)
        })
        .await
    }

    async fn interrupted(&self, page: Page) -> Result<Vec<NotificationId>, StoreError> {
        self.read("listing interrupted deliveries", move |session| {
            doubt::interrupted(session, page.limit())
        })
        .await
    }

    async fn doubt_interrupted(
        &self,
        rows: &[NotificationId],
    ) -> Result<Vec<NotificationId>, StoreError> {
        let rows = rows.to_vec();
        let weight = rows.len();
        self.write("doubting interrupted deliveries", weight, move |session| {
            doubt::doubt(session, &rows)
        })
        .await
    }

    async fn look(&self, request: LookRequest) -> Result<Vec<Notification>, StoreError> {
        let weight = usize::try_from(request.limit()).unwrap_or(usize::MAX);
        self.write("looking at deliveries", weight, move |session| {
            doubt::look(session, &request)
        })
        .await
    }

    async fn delivery_events(&self, id: NotificationId) -> Result<Vec<DeliveryEvent>, StoreError> {
        self.read("reading a delivery's history", move |session| {
            doubt::events(session, id)
        })
        .await
    }

    async fn suppressed(
        &self,
        channel: &ChannelName,
        recipients: &[Recipient],
    ) -> Result<Vec<Suppression>, StoreError> {
        let (channel, recipients) = (channel.clone(), recipients.to_vec());
        self.read("asking who is suppressed", move |session| {
            suppression::of(session, &channel, &recipients)
        })
        .await
    }

    async fn channels(&self) -> Result<Vec<ChannelState>, StoreError> {
        self.read("listing channels", channel::all).await
    }

    async fn outbox_stats(&self) -> Result<OutboxStats, StoreError> {
        self.read("stats of the outbox", stats::outbox).await
    }

    async fn raise(&self, raises: Vec<Raise>) -> Result<(), StoreError> {
        self.write("raising incidents", raises.len(), move |session| {
            incident::raise(session, &raises)
        })
        .await?;
        self.ring();
        Ok(())
    }

    async fn open_incidents(
        &self,
        after: Option<&Subject>,
        limit: u32,
    ) -> Result<Vec<Result<Incident, UnreadableIncident>>, StoreError> {
        let after = after.cloned();
        self.read("listing incidents", move |session| {
            incident::open(session, after.as_ref(), limit)
        })
        .await
    }

    async fn resolve_incident(&self, key: &Subject, version: i64) -> Result<bool, StoreError> {
        let key = key.clone();
        let resolved = self
            .write("resolving an incident", 1, move |session| {
                incident::resolve(session, &key, version)
            })
            .await?;
        self.ring();
        Ok(resolved)
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
