//! Numbers on the command line.

use queue_core::{JobId, NotificationId};

/// `17`, or `job:17` as it is written elsewhere.
pub(crate) fn job(text: &str) -> Result<JobId, String> {
    number("job", text).map(JobId::new)
}

/// `17`, or `notification:17` as it is written elsewhere.
pub(crate) fn notification(text: &str) -> Result<NotificationId, String> {
    number("notification", text).map(NotificationId::new)
}

fn number(noun: &str, text: &str) -> Result<i64, String> {
    let digits = text
        .strip_prefix(noun)
        .and_then(|rest| rest.strip_prefix(':'))
        .unwrap_or(text);
    digits
        .parse()
        .map_err(|_| format!("write the id of a {noun}, a number such as 17"))
}
