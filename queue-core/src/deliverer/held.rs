//! A leased row in this process's hands.

use std::sync::Arc;
use std::sync::atomic::{AtomicI16, Ordering};
use std::time::{Duration, Instant};

use super::lane::Lane;
use crate::{DeliveryLease, DeliveryPhase, Notification, StoreId, codes};

/// A leased row, how far its send got, and how far that is written down.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) row: Notification,
    pub(crate) lane: Arc<Lane>,
    lease: DeliveryLease,
    leased_at: Instant,
    /// How old the row's key was when it was leased.
    age: Duration,
    pub(crate) reached: Arc<AtomicI16>,
    noted: AtomicI16,
}

impl Held {
    /// `None` for a row without a lease, which no store hands out.
    pub(crate) fn new(store: StoreId, lane: Arc<Lane>, row: Notification) -> Option<Self> {
        let expires_at = row.lease_expires_at?;
        let leased = codes::phase_code(DeliveryPhase::Leased);
        // The database's time of the lease, told by its end.
        let end = row.first_attempt_at.map(|first| expires_at.since(first));
        Some(Self {
            lease: DeliveryLease {
                store,
                id: row.id,
                fence: row.fence,
                expires_at,
            },
            leased_at: Instant::now(),
            age: end.unwrap_or_default().saturating_sub(lane.policy.lease),
            row,
            lane,
            reached: Arc::new(AtomicI16::new(leased)),
            noted: AtomicI16::new(leased),
        })
    }

    pub(crate) fn lease(&self) -> DeliveryLease {
        self.lease
    }

    /// How long ago the far side may have seen the row's key first.
    pub(crate) fn age(&self) -> Duration {
        self.age.saturating_add(self.leased_at.elapsed())
    }

    pub(crate) fn reached(&self) -> DeliveryPhase {
        phase(&self.reached)
    }

    /// What the store knows of how far it is.
    pub(crate) fn noted(&self) -> DeliveryPhase {
        phase(&self.noted)
    }

    pub(crate) fn note(&self, phase: DeliveryPhase) {
        self.noted
            .store(codes::phase_code(phase), Ordering::Release);
    }
}

fn phase(code: &AtomicI16) -> DeliveryPhase {
    // Only codes of phases are ever stored.
    codes::phase(code.load(Ordering::Acquire)).unwrap_or(DeliveryPhase::Committing)
}
