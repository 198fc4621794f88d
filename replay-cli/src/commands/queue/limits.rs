//! `leasehold queue limits`

use std::time::Duration;

use clap::Args;
use queue_core::{
    Actor, OrderingMode, QueueChange, QueueName, QueueSettings, RateLimit, StoreError,
};
use queue_ops::rate;

use super::list::LimitsItem;
use super::{Fresh, settings};
use crate::act::{self, Why};
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Sheet};
use crate::table::Cell;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold queue limits mail
  leasehold queue limits mail --max-running 8 --rate 100/min \\
      --reason 'the relay slows us down, OPS-17'
  leasehold queue limits mail --rate none --reason 'the relay is well again, OPS-17'

What is not named stays as it is. --max-running is exact over all processes; --rate bounds
claims, saved up to --burst (as much as the rate unless it is said).")]
pub(crate) struct Limits {
    /// The queue
    queue: QueueName,
    /// At most so many jobs at a time, or none for no limit
    #[arg(long, value_name = "N|none", value_parser = max_running)]
    max_running: Option<Wish<u32>>,
    /// At most so many claims per time, such as 10/s, or none for no limit
    #[arg(long, value_name = "RATE|none", value_parser = rate_or_none)]
    rate: Option<Wish<(u32, Duration)>>,
    /// How many claims are saved up at most
    #[arg(long, value_name = "N", requires = "rate")]
    burst: Option<u32>,
    /// Whether tenants take turns
    #[arg(long, value_name = "on|off", value_parser = on_or_off)]
    fair: Option<bool>,
    /// Which job of an ordering key goes next
    #[arg(long, value_name = "strict|loose", value_parser = ordering)]
    ordering: Option<OrderingMode>,
    #[command(flatten)]
    fresh: Fresh,
    /// Why; wanted where something changes, and kept in the audit trail
    #[arg(long, value_name = "TEXT", value_parser = act::reason)]
    reason: Option<String>,
    /// Who; the user of the operating system unless it is said
    #[arg(
        long,
        value_name = "NAME",
        env = "LEASEHOLD_ACTOR",
        hide_env_values = true
    )]
    actor: Option<Actor>,
}

/// A limit, or none.
#[derive(Debug, Clone, Copy)]
enum Wish<T> {
    None,
    Some(T),
}

fn max_running(text: &str) -> Result<Wish<u32>, String> {
    match text {
        "none" => Ok(Wish::None),
        text => match text.parse() {
            Ok(0) => Err("with 0 nothing would run: pause the queue instead".to_owned()),
            Ok(most) => Ok(Wish::Some(most)),
            Err(_) => Err("write a number, or none".to_owned()),
        },
    }
}

fn rate_or_none(text: &str) -> Result<Wish<(u32, Duration)>, String> {
    match text {
        "none" => Ok(Wish::None),
        text => rate::parse(text).map(Wish::Some),
    }
}

fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write on or off".to_owned()),
    }
}

fn ordering(text: &str) -> Result<OrderingMode, String> {
    match text {
        "strict" => Ok(OrderingMode::Strict),
        "loose" => Ok(OrderingMode::Loose),
        _ => Err("write strict or loose".to_owned()),
    }
}

impl Limits {
    fn change(&self) -> Result<QueueChange, Failure> {
        let rate = match self.rate {
            None => None,
            Some(Wish::None) if self.burst.is_some() => {
                return Err(Failure::usage("--burst has no meaning with --rate none"));
            }
            Some(Wish::None) => Some(None),
            Some(Wish::Some((permits, per))) => {
                let burst = self.burst.unwrap_or(permits);
                Some(Some(
                    RateLimit::new(permits, per, burst).map_err(StoreError::from)?,
                ))
            }
        };
        Ok(QueueChange {
            paused: None,
            max_running: self.max_running.map(|wish| match wish {
                Wish::None => None,
                Wish::Some(most) => Some(most),
            }),
            rate,
            fair: self.fair,
            ordering: self.ordering,
        })
    }
}

pub(super) async fn run(desk: &Desk, options: &Limits) -> Result<Answer, Failure> {
    let change = options.change()?;
    let store = desk.store().await?;
    let mut now = settings(store, &options.queue, Some(options.fresh)).await?;
    if change != QueueChange::default() {
        let Some(reason) = options.reason.clone() else {
            return Err(Failure::usage(
                "a change wants a reason: give --reason TEXT",
            ));
        };
        let why = Why {
            reason,
            actor: options.actor.clone(),
        };
        // What is so already needs no record.
        if now.clone().changed(&change) != now {
            let act = why.act()?;
            desk.will_change(format!("leasehold queue limits {}", options.queue));
            now = store.configure(&options.queue, change, &act).await?;
        }
    }
    let item = LimitsItem::from(&now);
    report::show(desk, desk.style, "queue limits", &item, &sheet(&item, &now))
}

fn sheet(item: &LimitsItem, settings: &QueueSettings) -> Sheet {
    let yes = |is: bool| Cell::word(if is { "yes" } else { "no" });
    let none = || Cell::word("none");
    Sheet::default()
        .field("queue", Cell::text(&item.queue))
        .field("paused", yes(item.paused))
        .field(
            "max running",
            item.max_running.map_or_else(none, Cell::number),
        )
        .field("rate", item.rate.as_ref().map_or_else(none, Cell::word))
        .maybe("burst", item.burst, Cell::number)
        .field("fair", yes(settings.fair))
        .field("ordering", Cell::word(item.ordering))
}
