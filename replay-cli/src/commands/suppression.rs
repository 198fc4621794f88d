//! `leasehold suppression`: who gets nothing.

use std::time::Duration;

use clap::{Args, Subcommand};
use queue_core::{
    ChannelName, ErrorClass, NewSuppression, Page, Recipient, Store, StoreError, SuppressFor,
    Suppression as Suppressed,
};
use serde::Serialize;

use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::moment::Time;
use crate::paging::Paging;
use crate::report::{self, Change, ChangeKind, Row};
use crate::table::Cell;

#[derive(Debug, Subcommand)]
pub(crate) enum Suppression {
    /// List who gets nothing
    #[command(after_help = "\
Examples:
  leasehold suppression list
  leasehold suppression list --channel email --unmask --json

Columns: number, channel, recipient, class, who put it there, since, until, evidence. Those
whose time is over are listed, too.")]
    List(List),
    /// Let a recipient get nothing through a channel
    #[command(after_help = "\
Examples:
  leasehold suppression add email ada@example.org --class ASKED_FOR_IT --reason 'she left, OPS-17'
  leasehold suppression add email ada@example.org --class MAILBOX_FULL --for 2days --reason 'OPS-17'

One that is on the list already is replaced.")]
    Add(Add),
    /// Take a recipient off the list
    #[command(after_help = "\
Examples:
  leasehold suppression remove 17 --reason 'the mailbox is there again, OPS-17'
  leasehold suppression remove --channel email --recipient ada@example.org --reason 'OPS-17'

The number is the one of the list. Messages that failed meanwhile are not sent again by this:
see `leasehold notification retry`.")]
    Remove(Remove),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only of this channel
    #[arg(long, value_name = "NAME")]
    channel: Option<ChannelName>,
    /// Show whole addresses
    #[arg(long)]
    unmask: bool,
    #[command(flatten)]
    paging: Paging,
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The channel
    channel: ChannelName,
    /// The address
    #[arg(value_parser = address)]
    recipient: Recipient,
    /// Why, as a class
    #[arg(long, value_name = "CLASS")]
    class: ErrorClass,
    /// For how long, such as 2days; for ever unless it is said
    #[arg(long = "for", value_name = "SPAN", value_parser = span)]
    lasts: Option<Duration>,
    /// What was seen; the reason unless it is said
    #[arg(long, value_name = "TEXT")]
    evidence: Option<String>,
    #[command(flatten)]
    why: Why,
}

fn address(text: &str) -> Result<Recipient, String> {
    if text.trim().is_empty() {
        return Err("write the address, such as ada@example.org".to_owned());
    }
    text.parse()
        .map_err(|error: queue_core::InvalidName| error.to_string())
}

fn span(text: &str) -> Result<Duration, String> {
    let span = humantime::parse_duration(text).ok();
    // One that is over at once keeps nobody from anything.
    span.filter(|span| !span.is_zero())
        .ok_or_else(|| "write a span such as 12h or 2days, or leave it out for ever".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// The number in the list
    #[arg(required_unless_present = "recipient", conflicts_with_all = ["recipient", "channel"])]
    number: Option<i64>,
    /// The channel, instead of a number
    #[arg(long, value_name = "NAME", requires = "recipient")]
    channel: Option<ChannelName>,
    /// The address, instead of a number
    #[arg(long, value_name = "ADDRESS", requires = "channel")]
    recipient: Option<Recipient>,
    #[command(flatten)]
    why: Why,
}

#[derive(Debug, Serialize)]
struct SuppressionItem {
    number: i64,
    channel: String,
    recipient: String,
    class: String,
    origin: String,
    created_at: Time,
    expires_at: Option<Time>,
    evidence: String,
}

impl SuppressionItem {
    fn of(row: Suppressed, unmask: bool) -> Self {
        Self {
            number: row.id,
            channel: row.channel.to_string(),
            recipient: if unmask {
                row.recipient.as_str().to_owned()
            } else {
                row.recipient.to_string()
            },
            class: row.reason.to_string(),
            origin: row.origin,
            created_at: Time(row.created_at),
            expires_at: row.expires_at.map(Time),
            evidence: row.evidence,
        }
    }
}

impl Row for SuppressionItem {
    const COLUMNS: &'static [&'static str] = &[
        "number",
        "channel",
        "recipient",
        "class",
        "by",
        "since",
        "until",
        "evidence",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::number(self.number),
            Cell::text(&self.channel),
            Cell::text(&self.recipient),
            Cell::text(&self.class),
            Cell::text(&self.origin),
            Cell::Time(self.created_at.0),
            Cell::maybe(self.expires_at, |at| Cell::Time(at.0)),
            Cell::text(&self.evidence),
        ]
    }
}

pub(crate) async fn run(desk: &Desk, command: Suppression) -> Result<Answer, Failure> {
    match command {
        Suppression::List(options) => list(desk, &options).await,
        Suppression::Add(options) => add(desk, &options).await,
        Suppression::Remove(options) => remove(desk, &options).await,
    }
}

async fn list(desk: &Desk, options: &List) -> Result<Answer, Failure> {
    let page = options.paging.page()?;
    let (store, style) = desk.store_and_style().await?;
    let rows = store.suppressions(options.channel.as_ref(), page).await?;
    let (rows, next) = options.paging.cut(rows, |row| row.id);
    let items: Vec<_> = rows
        .into_iter()
        .map(|row| SuppressionItem::of(row, options.unmask))
        .collect();
    report::list(desk, style, "suppression list", &items, next)
}

async fn add(desk: &Desk, options: &Add) -> Result<Answer, Failure> {
    let store = desk.store().await?;
    let act = options.why.act()?;
    let evidence = options.evidence.as_ref().unwrap_or(&options.why.reason);
    let lasts = options.lasts.map_or(SuppressFor::Ever, SuppressFor::Span);
    let new = NewSuppression::new(
        options.channel.clone(),
        options.recipient.clone(),
        options.class.clone(),
        evidence,
        lasts,
    );
    desk.will_change("leasehold suppression list");
    store.suppress(new, &act).await?;
    let target = target(&options.channel, &options.recipient);
    let change = Change::new(target, ChangeKind::Made, "suppressed", "");
    report::changes(desk, "suppression add", &[change], false)
}

async fn remove(desk: &Desk, options: &Remove) -> Result<Answer, Failure> {
    let store = desk.store().await?;
    let (channel, recipient) = match (options.number, &options.channel, &options.recipient) {
        (Some(number), ..) => of_number(store, number).await?,
        (None, Some(channel), Some(recipient)) => (channel.clone(), recipient.clone()),
        _ => {
            return Err(Failure::usage(
                "give a number, or --channel and --recipient",
            ));
        }
    };
    let act = options.why.act()?;
    desk.will_change("leasehold suppression list");
    let target = target(&channel, &recipient);
    let change = if store.unsuppress(&channel, &recipient, &act).await? {
        Change::new(target, ChangeKind::Made, "removed", "")
    } else {
        Change::new(
            target,
            ChangeKind::NotFound,
            "not_found",
            "it is not on the list",
        )
    };
    report::changes(desk, "suppression remove", &[change], false)
}

async fn of_number(store: &dyn Store, number: i64) -> Result<(ChannelName, Recipient), Failure> {
    let page = Page::first(1).map_err(StoreError::from)?;
    let rows = store
        .suppressions(None, page.after(number.saturating_sub(1)))
        .await?;
    let found = rows.into_iter().find(|row| row.id == number);
    found
        .map(|row| (row.channel, row.recipient))
        .ok_or_else(|| {
            Failure::not_found(format!(
                "there is no suppression {number}; `leasehold suppression list` shows the numbers"
            ))
        })
}

/// Masked, as in the audit trail.
fn target(channel: &ChannelName, recipient: &Recipient) -> String {
    format!("suppression:{channel}/{recipient}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_no_address_and_no_time_no_span() {
        assert!(address("  ").unwrap_err().contains("such as ada@"));
        assert!(address("ada@example.org").is_ok());
        assert!(span("0s").is_err() && span("12h").is_ok());
    }
}
