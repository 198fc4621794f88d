//! The port for outbox rows.

use std::time::Instant;

use async_trait::async_trait;
use queue_core::{
    ChannelName, ChannelState, DeliveryBatch, DeliveryEvent, DeliveryRequest, Incident,
    LookRequest, Marked, Notification, NotificationId, NotificationState, OutboxStats, OutboxStore,
    Page, PhaseBatch, PhaseNoted, PublishBatch, Published, Raise, Recipient, StoreError, Subject,
    Suppression, UnreadableIncident,
};

use crate::fault::Fault;
use crate::ops::{channel, doubt, incident, mark, outbox, publish, stats, suppression};
use crate::session::{Mode, Session, TRIES, pause};
use crate::store::{PostgresStore, brought};

#[async_trait]
impl OutboxStore for PostgresStore {
    async fn publish(&self, batch: PublishBatch) -> Result<Vec<Published>, StoreError> {
        let brought = brought(&batch);
        let published = run!(self, "publish", Transaction, |session| {
            publish::publish(session, &brought).await
        })?;
        self.ring_here();
        Ok(published)
    }

    async fn lease_notifications(
        &self,
        request: DeliveryRequest,
    ) -> Result<Vec<Notification>, StoreError> {
        run!(self, "lease_notifications", Single, |session| {
            outbox::lease(session, &request).await
        })
    }

    async fn note_phases(&self, batch: PhaseBatch) -> Result<Vec<PhaseNoted>, StoreError> {
        self.check_deliveries(batch.notes().iter().map(|(lease, _)| lease))?;
        run!(self, "note_phases", Single, |session| {
            outbox::note_phases(session, &batch).await
        })
    }

    async fn mark(&self, batch: DeliveryBatch) -> Result<Vec<Marked>, StoreError> {
        self.check_deliveries(batch.markings().iter().map(|marking| &marking.lease))?;
        let marked = run!(self, "mark", Transaction, |session| {
            mark::mark(session, &batch).await
        })?;
        if batch.markings().iter().any(|one| !one.raises.is_empty()) {
            self.ring_here();
        }
        Ok(marked)
    }

    async fn doubt_expired(&self, limit: u32) -> Result<Vec<NotificationId>, StoreError> {
        run!(self, "doubt_expired", Single, |session| {
            doubt::expired(session, limit, None).await
        })
    }

    async fn interrupted(&self, page: Page) -> Result<Vec<NotificationId>, StoreError> {
        run!(self, "interrupted", Read, |session| {
            doubt::interrupted(session, page.limit()).await
        })
    }

    async fn doubt_interrupted(
        &self,
        rows: &[NotificationId],
    ) -> Result<Vec<NotificationId>, StoreError> {
        let limit = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        run!(self, "doubt_interrupted", Single, |session| {
            doubt::expired(session, limit, Some(rows)).await
        })
    }

    async fn look(&self, request: LookRequest) -> Result<Vec<Notification>, StoreError> {
        run!(self, "look", Single, |session| {
            doubt::look(session, &request).await
        })
    }

    async fn delivery_events(&self, id: NotificationId) -> Result<Vec<DeliveryEvent>, StoreError> {
        run!(self, "delivery_events", Read, |session| {
            doubt::events(session, id).await
        })
    }

    async fn suppressed(
        &self,
        channel: &ChannelName,
        recipients: &[Recipient],
    ) -> Result<Vec<Suppression>, StoreError> {
        run!(self, "suppressed", Read, |session| {
            suppression::among(session, channel, recipients).await
        })
    }

    async fn channels(&self) -> Result<Vec<ChannelState>, StoreError> {
        run!(self, "channels", Read, |session| channel::all(session)
            .await)
    }

    async fn outbox_stats(&self) -> Result<OutboxStats, StoreError> {
        run!(self, "outbox_stats", Read, |session| stats::outbox(session)
            .await)
    }

    async fn raise(&self, raises: Vec<Raise>) -> Result<(), StoreError> {
        let all: Vec<_> = raises.iter().collect();
        run!(self, "raise", Transaction, |session| {
            incident::raise(session, &all).await
        })?;
        self.ring_here();
        Ok(())
    }

    async fn open_incidents(
        &self,
        after: Option<&Subject>,
        limit: u32,
    ) -> Result<Vec<Result<Incident, UnreadableIncident>>, StoreError> {
        run!(self, "open_incidents", Read, |session| {
            incident::open(session, after, limit).await
        })
    }

    async fn resolve_incident(&self, key: &Subject, version: i64) -> Result<bool, StoreError> {
        let resolved = run!(self, "resolve_incident", Transaction, |session| {
            incident::resolve(session, key, version).await
        })?;
        self.ring_here();
        Ok(resolved)
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
