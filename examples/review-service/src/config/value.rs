//! Values as they are written, and what to write where one is none.

use std::net::SocketAddr;

use queue_ops::Span;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

const DAY: u64 = 24 * 3600;

/// Where to listen.
pub(super) fn address<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(80).flat_map(char::escape_debug).collect();
        D::Error::custom(format_args!(
            "`{shown}` is no address to listen at; write one with its port, like \"127.0.0.1:8080\" or \"[::1]:8080\""
        ))
    })
}

/// Where to listen, if anywhere: a key that is there has an address.
pub(super) fn address_if_any<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<SocketAddr>, D::Error> {
    address(from).map(Some)
}

/// How many. What is out of range is told with the range, by whoever knows it.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    let number = i64::deserialize(from)?;
    usize::try_from(number)
        .map_err(|_| D::Error::custom(format_args!("{number} is less than none; write 1 or more")))
}

/// As somebody writes it who counts in days: without months, which have no length.
pub(super) fn days(span: Span) -> String {
    let seconds = span.get().as_secs();
    if seconds >= DAY && seconds.is_multiple_of(DAY) {
        return format!("{}d", seconds / DAY);
    }
    span.to_string()
}
