//! `leasehold channel`: what messages go through.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use queue_core::catalogue::{near, nearest_is};
use queue_core::{ChannelName, ChannelState, NotificationState, Page, Store, StoreError};
use serde::Serialize;

use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::moment::Time;
use crate::report::{self, Change, ChangeKind, Row};
use crate::style::Tone;
use crate::table::Cell;

#[derive(Debug, Subcommand)]
pub(crate) enum Channel {
    /// List the channels that were ever paused
    #[command(after_help = "\
Examples:
  leasehold channel list
  leasehold channel list --json | jq '.items[] | select(.paused).channel'

Columns: channel, paused, since, who, why. A channel that nobody ever paused sends, and is not
listed: which there are is known to the programs that send.")]
    List,
    /// Let nothing be sent through a channel, by any process
    #[command(after_help = "\
Example:
  leasehold channel pause email --reason 'the relay rejects all, OPS-17'

What is being sent is finished. A channel that is paused already is left as it is, without a
record. One through which nothing is to be sent, which was never paused and which the
configuration does not name is likely to be a mistake, and wants --new.")]
    Pause(Pause),
    /// Let a paused channel go on
    #[command(after_help = "\
Example:
  leasehold channel resume email --reason 'the relay is well again, OPS-17'

A channel that is not paused is left as it is, without a record.")]
    Resume(Target),
}

/// How many messages of each state are looked at for their channels.
const LOOKED_AT: u32 = 200;

/// Which channel, and why.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The channel
    channel: ChannelName,
    #[command(flatten)]
    why: Why,
}

/// Which channel, and why.
#[derive(Debug, Args)]
pub(crate) struct Pause {
    #[command(flatten)]
    target: Target,
    /// Also a channel through which nothing was sent yet
    #[arg(long)]
    new: bool,
}

#[derive(Debug, Serialize)]
struct ChannelItem {
    channel: String,
    paused: bool,
    since: Time,
    actor: String,
    reason: String,
}

impl From<ChannelState> for ChannelItem {
    fn from(state: ChannelState) -> Self {
        Self {
            channel: state.channel.to_string(),
            paused: state.paused,
            since: Time(state.since),
            actor: state.by.to_string(),
            reason: state.reason,
        }
    }
}

impl Row for ChannelItem {
    const COLUMNS: &'static [&'static str] = &["channel", "paused", "since", "by", "reason"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(&self.channel),
            if self.paused {
                Cell::toned("paused", Tone::Wait)
            } else {
                Cell::Empty
            },
            Cell::Time(self.since.0),
            Cell::text(&self.actor),
            Cell::text(&self.reason),
        ]
    }
}

pub(crate) async fn run(desk: &Desk, command: Channel) -> Result<Answer, Failure> {
    match command {
        Channel::List => list(desk).await,
        Channel::Pause(options) => pause(desk, &options.target, options.new, true).await,
        Channel::Resume(target) => pause(desk, &target, false, false).await,
    }
}

async fn list(desk: &Desk) -> Result<Answer, Failure> {
    let (store, style) = desk.store_and_style().await?;
    let channels = store.channels().await?.into_iter();
    let items: Vec<_> = channels.map(ChannelItem::from).collect();
    report::list(desk, style, "channel list", &items, None::<String>)
}

async fn pause(
    desk: &Desk,
    target: &Target,
    is_new: bool,
    paused: bool,
) -> Result<Answer, Failure> {
    let (command, outcome) = if paused {
        ("channel pause", "paused")
    } else {
        ("channel resume", "resumed")
    };
    let store = desk.store().await?;
    if !is_new {
        let known = known(desk, store).await?;
        if !known.contains(&target.channel) {
            return Err(unknown(&target.channel, &known, paused));
        }
    }
    let act = target.why.act()?;
    desk.will_change("leasehold channel list");
    let changed = store.pause_channel(&target.channel, paused, &act).await?;
    let (outcome, detail) = match (changed, paused) {
        (true, _) => (outcome, ""),
        (false, true) => ("unchanged", "it is paused"),
        (false, false) => ("unchanged", "it is not paused"),
    };
    let name = format!("channel:{}", target.channel);
    let change = Change::new(name, ChangeKind::Made, outcome, detail);
    report::changes(desk, command, &[change], false)
}

/// The channels that something is known of. Which there are is known to the programs that send; what the
/// configuration names, what was ever paused and what has messages can be seen from here.
async fn known(desk: &Desk, store: &dyn Store) -> Result<BTreeSet<ChannelName>, Failure> {
    let configured = desk.config().delivery.channels().iter();
    let mut names: BTreeSet<_> = configured.map(|channel| channel.name().clone()).collect();
    let paused = store.channels().await?.into_iter();
    names.extend(paused.map(|state| state.channel));
    for state in NotificationState::ALL {
        let page = Page::first(LOOKED_AT).map_err(StoreError::from)?;
        let rows = store.notifications(state, page).await?.into_iter();
        names.extend(rows.map(|row| row.intent.channel));
    }
    Ok(names)
}

/// It is likely to be a mistake.
fn unknown(channel: &ChannelName, known: &BTreeSet<ChannelName>, may_be_new: bool) -> Failure {
    let near = near(channel.as_str(), known, |name| name.as_str());
    let hint = nearest_is(near.map(ChannelName::as_str));
    let instead = if may_be_new {
        "; where it is meant so, give --new"
    } else {
        ""
    };
    Failure::not_found(format!(
        "no channel `{channel}` is configured, has messages or was ever paused{hint}{instead}"
    ))
}
