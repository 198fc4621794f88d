//! `leasehold audit list`

use clap::Args;
use queue_core::{Actor, AuditFilter, AuditPage, AuditRecord, Seal, StoreError, Timestamp};
use serde::Serialize;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::moment::{self, Moment, Time};
use crate::paging::Paging;
use crate::report::{self, Row};
use crate::table::Cell;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold audit list --since 2h
  leasehold audit list --target job:17 --oldest-first
  leasehold audit list --actor ada --action dead_letter.replay --text OPS-17 --json

Columns: number, when, who, what, to what, why, details.")]
pub(crate) struct List {
    /// Only what this one did
    #[arg(long, value_name = "NAME")]
    actor: Option<Actor>,
    /// Only this verb, such as queue.configure
    #[arg(long, value_name = "NOUN.VERB", value_parser = action)]
    action: Option<String>,
    /// Only what was done to this, such as job:17 or queue:mail
    #[arg(long, value_name = "NOUN:ID", value_parser = target)]
    target: Option<String>,
    /// Only since then: a span back from now (2h), or a moment (2026-11-20T10:00Z)
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only before then
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// Only with this in the reason; A to Z are the same as a to z
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// In the order in which it was done
    #[arg(long)]
    oldest_first: bool,
    #[command(flatten)]
    paging: Paging,
}

/// A number alone would be of nothing that is on record.
fn target(text: &str) -> Result<String, String> {
    of_two(
        text,
        ':',
        "write a noun and what it is of, such as job:17 or queue:mail",
    )
}

fn action(text: &str) -> Result<String, String> {
    of_two(
        text,
        '.',
        "write a noun and a verb, such as queue.configure",
    )
}

fn of_two(text: &str, between: char, instead: &str) -> Result<String, String> {
    match text.split_once(between) {
        Some((noun, rest)) if !noun.is_empty() && !rest.is_empty() => Ok(text.to_owned()),
        _ => Err(instead.to_owned()),
    }
}

impl List {
    fn filter(&self, now: Timestamp) -> Result<AuditFilter, Failure> {
        let (since, until) = moment::range(self.since, self.until, now)?;
        Ok(AuditFilter {
            actor: self.actor.clone(),
            action: self.action.clone(),
            target: self.target.clone(),
            since,
            until,
            text: self.text.clone(),
        })
    }

    fn page(&self, limit: u32, behind: Option<i64>) -> Result<AuditPage, StoreError> {
        let page = if self.oldest_first {
            AuditPage::oldest(limit)?
        } else {
            AuditPage::newest(limit)?
        };
        Ok(behind.map_or(page, |seq| page.behind(seq)))
    }
}

#[derive(Debug, Serialize)]
struct RecordItem {
    seq: i64,
    at: Time,
    actor: String,
    action: String,
    target: String,
    reason: String,
    detail: String,
    hash: String,
}

impl RecordItem {
    fn of(record: AuditRecord) -> Self {
        Self {
            seq: record.seq,
            at: Time(record.at),
            actor: record.entry.act.actor.to_string(),
            action: record.entry.action,
            target: record.entry.target,
            reason: record.entry.act.reason,
            detail: record.entry.detail,
            hash: record.hash,
        }
    }
}

impl Row for RecordItem {
    const COLUMNS: &'static [&'static str] =
        &["number", "at", "who", "what", "to what", "why", "details"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::number(self.seq),
            Cell::Time(self.at.0),
            Cell::text(&self.actor),
            Cell::text(&self.action),
            Cell::text(&self.target),
            Cell::text(&self.reason),
            Cell::text(&self.detail),
        ]
    }
}

pub(super) async fn run(desk: &Desk, options: &List) -> Result<Answer, Failure> {
    let (store, style) = desk.store_and_style().await?;
    let filter = options.filter(store.now().await?)?;
    let limit = options.paging.limit;
    let mut items = Vec::new();
    let mut next = options.paging.after;
    // A page may have found few, where the filter wants few of very many.
    loop {
        let found = u32::try_from(items.len()).unwrap_or(limit);
        let page = options.page(limit.saturating_sub(found).max(1), next)?;
        let list = store.audit(&filter, page).await?;
        items.extend(list.records.into_iter().map(RecordItem::of));
        next = list.next;
        if next.is_none() || items.len() >= limit as usize {
            break;
        }
    }
    // Where the list comes to the oldest record that is left, older ones may be elsewhere.
    let reaches_back = if options.oldest_first {
        options.paging.after.is_none()
    } else {
        next.is_none()
    };
    let answer = report::list(desk, style, "audit list", &items, next)?;
    Ok(match store.audit_seal().await? {
        Some(seal) if reaches_back => answer.note(archived(&seal)),
        _ => answer,
    })
}

/// Where the records are that are not here any more.
pub(super) fn archived(seal: &Seal) -> String {
    format!(
        "records up to {} are not here, but in the archive {}",
        seal.checkpoint().seq,
        seal.archive()
    )
}
