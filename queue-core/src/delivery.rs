//! Delivering outbox rows: who holds one, how far it got, how it ended.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::batch::{MAX_BATCH, check_lease, check_range, check_size, check_unique};
use crate::{
    ChannelName, Code, Failure, Fence, InvalidBatch, JobId, NOTIFICATION_TRANSITIONS,
    NotificationId, NotificationState, ProviderId, RunAt, StoreId, Timestamp, WorkerName,
};

/// A wish for rows to deliver.
#[derive(Debug, Clone)]
pub struct DeliveryRequest {
    worker: WorkerName,
    channels: Option<Vec<ChannelName>>,
    limit: u32,
    lease: Duration,
}

impl DeliveryRequest {
    /// Up to `limit` due rows, those due first, each leased for `lease`.
    pub fn new(worker: WorkerName, limit: u32, lease: Duration) -> Result<Self, InvalidBatch> {
        check_range("the delivery limit", limit.into(), 1, MAX_BATCH as u64)?;
        check_lease(lease)?;
        Ok(Self {
            worker,
            channels: None,
            limit,
            lease,
        })
    }

    /// Only of these channels.
    pub fn channels(mut self, channels: Vec<ChannelName>) -> Result<Self, InvalidBatch> {
        check_size(channels.len(), MAX_BATCH)?;
        self.channels = Some(channels);
        Ok(self)
    }

    /// Who asks.
    #[must_use]
    pub fn worker(&self) -> &WorkerName {
        &self.worker
    }

    /// Of which channels, if not all.
    #[must_use]
    pub fn only_channels(&self) -> Option<&[ChannelName]> {
        self.channels.as_deref()
    }

    /// How many at most.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// For how long.
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.lease
    }
}

/// Time-limited ownership of one outbox row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeliveryLease {
    /// The store that gave it.
    pub store: StoreId,
    /// The row.
    pub id: NotificationId,
    /// The number that proves it.
    pub fence: Fence,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// How far an attempt to send got: written before the step that cannot be taken back, so that a
/// crash leaves evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryPhase {
    /// Nothing left this process yet.
    Leased,
    /// Connecting and greeting; the provider has not seen the message.
    Connecting,
    /// The message may be taken from here on.
    Committing,
}

impl DeliveryPhase {
    /// The phase's name in databases and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Leased => "leased",
            Self::Connecting => "connecting",
            Self::Committing => "committing",
        }
    }
}

/// How an attempt to deliver, or to find out, ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivery {
    /// The provider took it.
    Sent {
        /// The provider's id for it.
        provider_id: Option<ProviderId>,
    },
    /// It was not sent; try again.
    Retry {
        /// When.
        run_at: RunAt,
        /// Why.
        failure: Failure,
    },
    /// The provider refused it for good.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// Nobody knows.
    InDoubt {
        /// What is known.
        failure: Failure,
    },
}

impl Delivery {
    /// A stable reason code: how the attempt ended.
    ///
    /// ```
    /// use queue_core::Delivery;
    /// assert_eq!(Delivery::Sent { provider_id: None }.code(), "sent");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sent { .. } => Code::Sent.as_str(),
            Self::Retry { .. } => Code::Retry.as_str(),
            Self::Failed { .. } => Code::Failed.as_str(),
            Self::InDoubt { .. } => Code::InDoubt.as_str(),
        }
    }

    /// The state it leads to.
    #[must_use]
    pub fn target(&self) -> NotificationState {
        match self {
            Self::Sent { .. } => NotificationState::Sent,
            Self::Retry { .. } => NotificationState::Pending,
            Self::Failed { .. } => NotificationState::Failed,
            Self::InDoubt { .. } => NotificationState::InDoubt,
        }
    }
}

/// Deliveries of different rows, applied in one transaction, each under its own fence.
///
/// ```
/// use queue_core::{
///     Delivery, DeliveryBatch, DeliveryLease, ErrorClass, Failure, Fence, InvalidBatch, NotificationId,
///     StoreId, Timestamp,
/// };
/// let lease = DeliveryLease {
///     store: StoreId::new(1),
///     id: NotificationId::new(7),
///     fence: Fence::new(1),
///     expires_at: Timestamp::from_micros(0),
/// };
/// let failure = Failure::retryable(ErrorClass::unclassified(), "the reply was lost");
/// let doubt = vec![(lease, Delivery::InDoubt { failure })];
/// assert!(DeliveryBatch::new(doubt.clone()).is_ok());
/// // A verdict says whether it was delivered: doubt does not follow doubt.
/// let refused = DeliveryBatch::of_doubtful(doubt).unwrap_err();
/// assert_eq!(refused, InvalidBatch::IllegalDelivery(NotificationId::new(7)));
/// ```
#[derive(Debug, Clone)]
pub struct DeliveryBatch {
    from: NotificationState,
    deliveries: Vec<(DeliveryLease, Delivery)>,
}

impl DeliveryBatch {
    /// By the holders of the leases: rows in `sending` whose lease has not run out.
    pub fn new(deliveries: Vec<(DeliveryLease, Delivery)>) -> Result<Self, InvalidBatch> {
        Self::from_state(NotificationState::Sending, deliveries)
    }

    /// By the reconciler: rows in `in_doubt` whose fence has not changed since they were read. Only
    /// `Sent` and `Retry` leave doubt; the others are refused here.
    pub fn of_doubtful(deliveries: Vec<(DeliveryLease, Delivery)>) -> Result<Self, InvalidBatch> {
        let wrong = deliveries.iter().find(|(_, delivery)| {
            !NOTIFICATION_TRANSITIONS.contains(&(NotificationState::InDoubt, delivery.target()))
        });
        if let Some((lease, _)) = wrong {
            return Err(InvalidBatch::IllegalDelivery(lease.id));
        }
        Self::from_state(NotificationState::InDoubt, deliveries)
    }

    fn from_state(
        from: NotificationState,
        deliveries: Vec<(DeliveryLease, Delivery)>,
    ) -> Result<Self, InvalidBatch> {
        check_size(deliveries.len(), MAX_BATCH)?;
        check_unique("notification", &deliveries, |(lease, _)| lease.id)?;
        Ok(Self { from, deliveries })
    }

    /// The state that the rows must be in.
    #[must_use]
    pub fn from(&self) -> NotificationState {
        self.from
    }

    /// The deliveries, in the order given.
    #[must_use]
    pub fn deliveries(&self) -> &[(DeliveryLease, Delivery)] {
        &self.deliveries
    }
}

/// What became of one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marked {
    /// It is written.
    Applied {
        /// The row's state now.
        state: NotificationState,
        /// The jobs that had waited for it last, and are `succeeded` since this transaction.
        finished_jobs: Vec<JobId>,
    },
    /// The row was not in that state under that fence any more; nothing was changed.
    LeaseLost,
}

impl Marked {
    /// A stable reason code: whether this was written.
    ///
    /// ```
    /// use queue_core::Marked;
    /// assert_eq!(Marked::LeaseLost.code(), "lease_lost");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Applied { .. } => Code::Applied.as_str(),
            Self::LeaseLost => Code::LeaseLost.as_str(),
        }
    }
}
