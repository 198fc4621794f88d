//! What a deliverer has done.

use std::sync::atomic::{AtomicU64, Ordering};

use metrics::counter;

use crate::ChannelName;

/// How an attempt, or a row that was looked at, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Sent,
    Retry,
    Failed,
    InDoubt,
    PutBack,
    LeaseLost,
    /// A doubt ended: it had been delivered.
    FoundDelivered,
    /// A doubt ended: it is sent again.
    SentAgain,
    /// A doubt stays for an operator.
    Held,
    /// A mark was taken back.
    Violated,
}

impl Outcome {
    const ALL: [Self; 10] = [
        Self::Sent,
        Self::Retry,
        Self::Failed,
        Self::InDoubt,
        Self::PutBack,
        Self::LeaseLost,
        Self::FoundDelivered,
        Self::SentAgain,
        Self::Held,
        Self::Violated,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Retry => "retry",
            Self::Failed => "failed",
            Self::InDoubt => "in_doubt",
            Self::PutBack => "put_back",
            Self::LeaseLost => "lease_lost",
            Self::FoundDelivered => "found_delivered",
            Self::SentAgain => "sent_again",
            Self::Held => "held",
            Self::Violated => "ordering_violated",
        }
    }
}

/// What a deliverer has done, attempt by attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DeliveryReport {
    /// Messages that were taken.
    pub sent: u64,
    /// Attempts that failed and are tried again.
    pub retried: u64,
    /// Messages that failed for good.
    pub failed: u64,
    /// Attempts of which nobody knows how they ended.
    pub doubted: u64,
    /// Rows that were given back before anything left.
    pub put_back: u64,
    /// Attempts whose lease was lost: what they came to was refused.
    pub lease_lost: u64,
    /// Doubts that ended: the message had been delivered.
    pub found_delivered: u64,
    /// Doubts that ended: the message is sent again.
    pub sent_again: u64,
    /// Doubts that stay for an operator.
    pub held: u64,
    /// Marks that the provider denied.
    pub violated: u64,
}

/// The report while it is being written.
#[derive(Debug, Default)]
pub(crate) struct Tally([AtomicU64; Outcome::ALL.len()]);

impl Tally {
    pub(crate) fn count(&self, channel: &ChannelName, outcome: Outcome) {
        if let Some(counter) = self.0.get(outcome as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        counter!(
            "leasehold_notifications_total",
            "channel" => channel.to_string(), "outcome" => outcome.label()
        )
        .increment(1);
    }

    pub(crate) fn report(&self) -> DeliveryReport {
        let of = |outcome: Outcome| {
            let counter = self.0.get(outcome as usize);
            counter.map_or(0, |counter| counter.load(Ordering::Relaxed))
        };
        DeliveryReport {
            sent: of(Outcome::Sent),
            retried: of(Outcome::Retry),
            failed: of(Outcome::Failed),
            doubted: of(Outcome::InDoubt),
            put_back: of(Outcome::PutBack),
            lease_lost: of(Outcome::LeaseLost),
            found_delivered: of(Outcome::FoundDelivered),
            sent_again: of(Outcome::SentAgain),
            held: of(Outcome::Held),
            violated: of(Outcome::Violated),
        }
    }
}
