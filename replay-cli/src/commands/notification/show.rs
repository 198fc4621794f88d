//! `leasehold notification show`

use clap::Args;
use queue_core::{NotificationId, NotificationState};

use super::item::{NotificationItem, Unveil};
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::{ids, report};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold notification show 17
  leasehold notification show 17 --unmask --payload

The events are what happened to it, oldest first: how far each attempt got, what the provider
answered, what operators found. They are the evidence on which a message in doubt is judged.")]
pub(crate) struct Show {
    /// The id of the message
    #[arg(value_parser = ids::notification)]
    notification: NotificationId,
    /// Show whole addresses
    #[arg(long)]
    unmask: bool,
    /// With the message itself
    #[arg(long)]
    payload: bool,
}

pub(super) async fn run(desk: &Desk, options: &Show) -> Result<Answer, Failure> {
    let (store, style) = desk.store_and_style().await?;
    let id = options.notification;
    let Some(row) = store.notification(id).await? else {
        return Err(Failure::not_found(format!(
            "there is no notification {id}: it never was, or its retention has ended"
        )));
    };
    let events = store.delivery_events(id).await?;
    let unveil = Unveil {
        addresses: options.unmask,
        message: options.payload,
    };
    let item = NotificationItem::of(&row, unveil).with_events(&events);
    let answer = report::show(desk, style, "notification show", &item, &item.sheet())?;
    Ok(match row.state {
        NotificationState::InDoubt => answer.note(format!(
            "in doubt: find out whether it arrived, then `leasehold notification verdict {id} \
             --delivered` or `--not-delivered`"
        )),
        NotificationState::Failed => answer.note(format!(
            "failed: `leasehold notification retry {id}`, `redirect {id}` or `waive {id}`"
        )),
        _ => answer,
    })
}
