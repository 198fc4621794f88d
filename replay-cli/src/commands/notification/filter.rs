//! Which messages are meant.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use queue_core::{
    ChannelName, ErrorClass, ErrorExcerpt, Notification, NotificationState, Page, Store,
    StoreError, Timestamp,
};

use crate::answer::Failure;
use crate::moment::{self, Moment};

/// A filter as it is given; what is not given does not filter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub(super) struct Filter {
    /// Only those through this channel
    #[arg(long, value_name = "NAME")]
    channel: Option<ChannelName>,
    /// Only those whose last failure is of this class
    #[arg(long, value_name = "CLASS")]
    error_class: Option<ErrorClass>,
    /// Only those stored since then: a span back from now (2h), or a moment (2026-11-20T10:00Z)
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only those stored before then
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// Only those with this in the text of their last failure; A to Z are the same as a to z
    #[arg(long, value_name = "TEXT")]
    text: Option<ErrorExcerpt>,
}

/// When it was stored, by the database's time.
type Stored = (Option<Timestamp>, Option<Timestamp>);

/// How many rows of a state are asked for at a time.
const PAGE: u32 = 1000;

pub(super) fn state() -> impl TypedValueParser<Value = NotificationState> {
    PossibleValuesParser::new(NotificationState::ALL.map(NotificationState::as_str)).try_map(
        |text| {
            let mut states = NotificationState::ALL.into_iter();
            states
                .find(|state| state.as_str() == text)
                .ok_or("no state")
        },
    )
}

impl Filter {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn matches(&self, row: &Notification, (since, until): Stored) -> bool {
        let class = row.failure.as_ref().map(|(class, _)| class);
        let error = row
            .failure
            .as_ref()
            .map(|(_, text)| text.to_ascii_lowercase());
        let says = |text: &ErrorExcerpt| {
            let text = text.as_str().to_ascii_lowercase();
            error.as_ref().is_some_and(|error| error.contains(&text))
        };
        self.channel
            .as_ref()
            .is_none_or(|channel| row.intent.channel == *channel)
            && (self.error_class.is_none() || class == self.error_class.as_ref())
            && since.is_none_or(|since| row.created_at >= since)
            && until.is_none_or(|until| row.created_at < until)
            && self.text.as_ref().is_none_or(says)
    }

    /// The rows in these states that the filter lets through, by id, from after `after` on: at least
    /// `wanted` of them, or all that there are.
    pub(super) async fn find(
        &self,
        store: &dyn Store,
        states: &[NotificationState],
        mut after: Option<i64>,
        wanted: usize,
    ) -> Result<Vec<Notification>, Failure> {
        let stored = moment::range(self.since, self.until, store.now().await?)?;
        let size = u32::try_from(wanted).unwrap_or(PAGE).clamp(1, PAGE);
        let first = Page::first(size).map_err(StoreError::from)?;
        let mut found = Vec::new();
        loop {
            let mut rows = Vec::new();
            // Beyond the end of the shortest page that is full there may be rows that nobody has seen.
            let mut horizon: Option<i64> = None;
            for state in states {
                let page = after.map_or(first, |after| first.after(after));
                let of_state = store.notifications(*state, page).await?;
                if of_state.len() >= size as usize
                    && let Some(last) = of_state.last()
                {
                    let last = last.id.get();
                    horizon = Some(horizon.map_or(last, |horizon| horizon.min(last)));
                }
                rows.extend(of_state);
            }
            rows.retain(|row| horizon.is_none_or(|horizon| row.id.get() <= horizon));
            rows.sort_by_key(|row| row.id);
            found.extend(rows.into_iter().filter(|row| self.matches(row, stored)));
            if horizon.is_none() || found.len() >= wanted {
                return Ok(found);
            }
            after = horizon;
        }
    }
}
