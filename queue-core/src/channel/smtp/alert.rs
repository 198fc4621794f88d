//! An escalation as a mail.

use std::time::{Duration, SystemTime};

use lettre::Address;
use lettre::message::{Mailbox, Message};

use super::mail::{finish, message_id};
use crate::channel::{Outgoing, SendError};
use crate::escalation::{Alert, AlertAction};

/// The same bytes on every attempt: nothing in it depends on when or where it is rendered.
pub(super) fn render(
    alert: &Alert,
    message: &Outgoing,
    sender: &Address,
    to: &Address,
) -> Result<Vec<u8>, SendError> {
    let word = match alert.action {
        AlertAction::Trigger => alert.severity.as_str(),
        AlertAction::Resolve => "resolved",
    };
    let summary = one_line(&alert.summary);
    let text = format!(
        "{summary}\n\n\
         what      {}\n\
         severity  {}\n\
         rule      {}\n\
         count     {}\n\
         at        {}\n\
         key       {}\n\
         episode   {}\n",
        one_line(&alert.signal.to_string()),
        alert.severity.as_str(),
        one_line(&alert.rule),
        alert.count,
        alert.at,
        one_line(&alert.key),
        alert.episode,
    );
    let created = u64::try_from(message.created_at().as_micros()).unwrap_or(0);
    let builder = Message::builder()
        .from(Mailbox::new(None, sender.clone()))
        .to(Mailbox::new(None, to.clone()))
        .date(SystemTime::UNIX_EPOCH + Duration::from_micros(created.min(LAST_DATE)))
        .raw_header(message_id(message.key(), sender.domain()))
        .subject(format!("[{word}] {summary}"));
    finish(builder, Some(&text), None).map_err(SendError::message_unsupported)
}

/// The last second of the year 9999: a mail's date has four digits for its year.
const LAST_DATE: u64 = 253_402_300_799_000_000;

/// Texts of an alert are not ours: a line of it must not become two.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}
