//! Delivering outbox rows: who holds one, how far it got, how it ended.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::batch::{MAX_BATCH, check_lease, check_range, check_size, check_unique};
use crate::{
    ChannelName, Code, ErrorClass, Failure, Fence, InvalidBatch, JobId, NotificationId,
    NotificationState, ProviderId, Raise, RunAt, StoreId, SuppressFor, Timestamp, WorkerName,
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

/// How far attempts are, each under its own lease, which then goes on for `lease` unless most of it is left.
#[derive(Debug, Clone)]
pub struct PhaseBatch {
    notes: Vec<(DeliveryLease, DeliveryPhase)>,
    lease: Duration,
}

impl PhaseBatch {
    /// 1 to 10,000 attempts, each once.
    pub fn new(
        notes: Vec<(DeliveryLease, DeliveryPhase)>,
        lease: Duration,
    ) -> Result<Self, InvalidBatch> {
        check_size(notes.len(), MAX_BATCH)?;
        check_unique("notification", &notes, |(lease, _)| lease.id)?;
        check_lease(lease)?;
        Ok(Self { notes, lease })
    }

    /// The attempts, in the order given.
    #[must_use]
    pub fn notes(&self) -> &[(DeliveryLease, DeliveryPhase)] {
        &self.notes
    }

    /// For how long the leases go on from now, where they are [touched](Self::enough).
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.lease
    }

    /// A lease with so much left, five sixths, is left as it is: its end is indexed, and a write that leaves it
    /// alone costs a fraction of one that does not. Renewed every third of its time, it has half of it left at
    /// the least.
    #[must_use]
    pub fn enough(&self) -> Duration {
        self.lease * 5 / 6
    }
}

/// Whether it was written how far an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseNoted {
    /// It is, and the lease ends then.
    Noted {
        /// When.
        expires_at: Timestamp,
    },
    /// The lease is lost: the step must not be taken.
    LeaseLost,
}

/// A wish for rows that the provider is to be asked about: in doubt, or marked and not yet confirmed.
#[derive(Debug, Clone)]
pub struct LookRequest {
    channels: Vec<ChannelName>,
    limit: u32,
    again_in: Duration,
}

impl LookRequest {
    /// Up to `limit` rows of these channels, those due first. They are not due again for `again_in`,
    /// so that others who ask get others.
    pub fn new(
        channels: Vec<ChannelName>,
        limit: u32,
        again_in: Duration,
    ) -> Result<Self, InvalidBatch> {
        check_size(channels.len(), MAX_BATCH)?;
        check_range("the limit of looks", limit.into(), 1, MAX_BATCH as u64)?;
        check_lease(again_in)?;
        Ok(Self {
            channels,
            limit,
            again_in,
        })
    }

    /// Of which channels.
    #[must_use]
    pub fn channels(&self) -> &[ChannelName] {
        &self.channels
    }

    /// How many at most.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// When they are due again.
    #[must_use]
    pub fn again_in(&self) -> Duration {
        self.again_in
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
    /// It was given back before anything of it left: at a shutdown, or while the provider takes
    /// nothing. No attempt is consumed.
    Released {
        /// When it may be leased again.
        run_at: RunAt,
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
            Self::Released { .. } => Code::PutBack.as_str(),
            Self::Failed { .. } => Code::Failed.as_str(),
            Self::InDoubt { .. } => Code::InDoubt.as_str(),
        }
    }

    /// When the row may be leased again, if it is to be.
    #[must_use]
    pub fn run_at(&self) -> Option<RunAt> {
        match self {
            Self::Retry { run_at, .. } | Self::Released { run_at } => Some(*run_at),
            _ => None,
        }
    }

    /// Whether the attempt does not count.
    #[must_use]
    pub fn is_refunded(&self) -> bool {
        matches!(self, Self::Released { .. })
    }

    /// What went wrong, if something did.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Sent { .. } | Self::Released { .. } => None,
            Self::Retry { failure, .. } | Self::Failed { failure } | Self::InDoubt { failure } => {
                Some(failure)
            }
        }
    }

    /// What becomes of a row whose lease ran out while it was being sent.
    #[must_use]
    pub fn interrupted() -> Failure {
        Failure::retryable(
            ErrorClass::delivery_interrupted(),
            "the lease ran out while the message was being sent",
        )
    }

    /// The state it leads to.
    #[must_use]
    pub fn target(&self) -> NotificationState {
        match self {
            Self::Sent { .. } => NotificationState::Sent,
            Self::Retry { .. } | Self::Released { .. } => NotificationState::Pending,
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
/// let failed = vec![(lease, Delivery::Failed { failure })];
/// assert!(DeliveryBatch::new(failed.clone()).is_ok());
/// // A verdict says whether it was delivered: what nobody knows has not failed.
/// let refused = DeliveryBatch::of_doubtful(failed).unwrap_err();
/// assert_eq!(refused, InvalidBatch::IllegalDelivery(NotificationId::new(7)));
/// ```
#[derive(Debug, Clone)]
pub struct DeliveryBatch {
    from: NotificationState,
    markings: Vec<Marking>,
}

/// How one attempt ended, and what follows from that in the same transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Marking {
    /// Under which lease.
    pub lease: DeliveryLease,
    /// How it ended.
    pub delivery: Delivery,
    /// How far the attempt got, if that is known better than by what was written on the way.
    pub reached: Option<DeliveryPhase>,
    /// When the provider is to be asked about the row: at once where it falls into doubt, never
    /// otherwise, unless this says when. A row that stays in doubt is not looked at again without.
    pub look_in: Option<Duration>,
    /// Whether the attempt [may have been taken](crate::Notification::perhaps_taken); `None` leaves what
    /// is known.
    pub perhaps_taken: Option<bool>,
    /// For how long its recipient gets nothing more through the channel, if it failed for that.
    pub suppress: Option<SuppressFor>,
    /// What it raises by the rules of [`Escalations`](crate::Escalations).
    pub raises: Vec<Raise>,
}

impl From<(DeliveryLease, Delivery)> for Marking {
    fn from((lease, delivery): (DeliveryLease, Delivery)) -> Self {
        Self {
            lease,
            delivery,
            reached: None,
            look_in: None,
            perhaps_taken: None,
            suppress: None,
            raises: Vec::new(),
        }
    }
}

impl DeliveryBatch {
    /// By the holders of the leases: rows in `sending` whose lease has not run out.
    pub fn new<M: Into<Marking>>(markings: Vec<M>) -> Result<Self, InvalidBatch> {
        Self::from_state(NotificationState::Sending, markings, |_| true)
    }

    /// By the reconciler: rows in `in_doubt` whose fence has not changed since they were read. `Sent`
    /// and `Retry` leave doubt, `InDoubt` says that it stays; `Failed` is refused here.
    pub fn of_doubtful<M: Into<Marking>>(markings: Vec<M>) -> Result<Self, InvalidBatch> {
        Self::from_state(NotificationState::InDoubt, markings, |delivery| {
            !matches!(
                delivery,
                Delivery::Failed { .. } | Delivery::Released { .. }
            )
        })
    }

    /// By the reconciler: rows that were marked as `sent`. `Sent` confirms them and leaves when they
    /// were marked, `InDoubt` takes the mark back; the others are refused here.
    pub fn of_sent<M: Into<Marking>>(markings: Vec<M>) -> Result<Self, InvalidBatch> {
        Self::from_state(NotificationState::Sent, markings, |delivery| {
            matches!(delivery, Delivery::Sent { .. } | Delivery::InDoubt { .. })
        })
    }

    fn from_state<M: Into<Marking>>(
        from: NotificationState,
        markings: Vec<M>,
        legal: fn(&Delivery) -> bool,
    ) -> Result<Self, InvalidBatch> {
        check_size(markings.len(), MAX_BATCH)?;
        let markings: Vec<Marking> = markings.into_iter().map(Into::into).collect();
        if let Some(wrong) = markings.iter().find(|marking| !legal(&marking.delivery)) {
            return Err(InvalidBatch::IllegalDelivery(wrong.lease.id));
        }
        check_unique("notification", &markings, |marking| marking.lease.id)?;
        Ok(Self { from, markings })
    }

    /// The state that the rows must be in.
    #[must_use]
    pub fn from(&self) -> NotificationState {
        self.from
    }

    /// The markings, in the order given.
    #[must_use]
    pub fn markings(&self) -> &[Marking] {
        &self.markings
    }
}

impl Marking {
    /// When the provider is to be asked about the row, once this is written.
    #[must_use]
    pub fn look_at(&self, from: NotificationState, now: Timestamp) -> Option<Timestamp> {
        let falls =
            from != NotificationState::InDoubt && matches!(self.delivery, Delivery::InDoubt { .. });
        let default = falls.then_some(Duration::ZERO);
        self.look_in.or(default).map(|wait| now + wait)
    }

    /// What it leaves in the row's [history](crate::DeliveryEvent), if anything: an attempt that was
    /// simply taken, a confirmation, and what was given back, leave nothing.
    #[must_use]
    pub fn leaves_event(&self, from: NotificationState) -> bool {
        match self.delivery {
            Delivery::Sent { .. } => from == NotificationState::InDoubt,
            Delivery::Released { .. } => false,
            // That a doubt stays is no news.
            Delivery::InDoubt { .. } => from != NotificationState::InDoubt,
            Delivery::Retry { .. } | Delivery::Failed { .. } => true,
        }
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
