//! How a deliverer is, for whoever watches over its process. Nothing here asks the store.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::beat::Beat;
use super::core::Core;
use crate::ChannelName;

/// A look at a deliverer, also while it runs: see [`Deliverer::watch`](crate::Deliverer::watch).
#[derive(Clone)]
pub struct DelivererWatch {
    core: Arc<Core>,
}

/// How one channel of a deliverer is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ChannelHealth {
    /// Which.
    pub channel: ChannelName,
    /// When the store answered last what is to be sent.
    pub last_success: Option<SystemTime>,
    /// How long ago that was.
    pub age: Option<Duration>,
    /// Rows that were leased to be sent.
    pub rows: u64,
    /// How often rows could not be leased, or doubts not be taken up.
    pub errors: u64,
    /// How often in a row, until now.
    pub errors_in_a_row: u32,
    /// The last one.
    pub last_error: Option<String>,
    /// How long its break lasts still, if the far side failed again and again.
    pub takes_a_break: Option<Duration>,
    /// Whether an operator, or a refusal, has paused it, as it was seen last.
    pub paused: bool,
}

impl DelivererWatch {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Its channels, in the order in which they were given.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelHealth> {
        let of_lane = |lane: &Arc<super::lane::Lane>| {
            let (serving, doubts) = (lane.serving.life(), lane.reconciling.life());
            let worst = if serving.errors_in_a_row > 0 {
                &serving
            } else {
                &doubts
            };
            ChannelHealth {
                channel: lane.name.clone(),
                last_success: serving.last_success.map(|(_, at)| at),
                age: serving.last_success.map(|(at, _)| at.elapsed()),
                rows: serving.rows,
                errors: serving.errors + doubts.errors,
                errors_in_a_row: worst.errors_in_a_row,
                last_error: worst.last_error.clone(),
                takes_a_break: lane.takes_a_break(),
                paused: lane.is_paused(),
            }
        };
        self.core.lanes.iter().map(of_lane).collect()
    }

    /// The loops of which nothing was heard for longer than `after`, and should have been: they wait for an
    /// answer of the store, or have not woken up.
    #[must_use]
    pub fn stuck(&self, after: Duration) -> Vec<(String, Duration)> {
        let core = &self.core;
        let own: [(&str, &Beat); 4] = [
            ("phases", &core.writing),
            ("marks", &core.marking),
            ("incidents", &core.resolving),
            ("figures", &core.measuring),
        ];
        let own = own.map(|(name, beat)| (format!("delivery: {name}"), beat));
        let of_lanes = core.lanes.iter().flat_map(|lane| {
            [
                (format!("delivery by {}", lane.name), &lane.serving),
                (format!("doubts of {}", lane.name), &lane.reconciling),
            ]
        });
        own.into_iter()
            .chain(of_lanes)
            .map(|(name, beat)| (name, beat.silence()))
            .filter(|(_, silence)| *silence > after)
            .collect()
    }
}

impl fmt::Debug for DelivererWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DelivererWatch")
            .field(&self.channels())
            .finish()
    }
}
