//! Tickets, by a tracker's HTTP API.

use crate::delivery::key::{ChannelKey, Shape, key};

pub(in crate::delivery) const KEYS: &[ChannelKey] = &[
    key("endpoint", Shape::Masked, "the URL that tickets are posted to").required(),
    key(
        "body",
        Shape::Json,
        "what is posted: a table, or a file with a JSON object; its texts may have places like {summary}",
    )
    .required(),
    key(
        "key_at",
        Shape::Text,
        "where in it our key is written, a JSON pointer to a field that can be searched",
    )
    .required(),
    key("id_at", Shape::Text, "where in the answer the ticket's id is, a JSON pointer"),
    key(
        "over_url",
        Shape::Masked,
        "where something is posted when an alert is over, with a place for {ticket}; nothing is unless it is said",
    ),
    key("over_body", Shape::Json, "what is posted then: a table, or a file with a JSON object"),
];

#[cfg(feature = "ticket")]
pub(super) fn build(
    values: &crate::delivery::values::Values,
) -> Result<std::sync::Arc<dyn queue_core::channel::Channel>, String> {
    use crate::delivery::{auth, http, search};
    use queue_core::channel::TicketChannel;

    let endpoint = values.text("endpoint").unwrap_or_default();
    let mut tracker = TicketChannel::builder(endpoint)
        .http(http::options(values)?)
        .body(values.json("body")?.unwrap_or_default())
        .key_at(values.text("key_at").unwrap_or_default());
    if let Some(credential) = auth::credential(values)? {
        tracker = tracker.credential(credential);
    }
    let search = search::search(values)?;
    let can_search = search.is_some();
    if let Some(search) = search {
        tracker = tracker.search(search);
    }
    if let Some(at) = values.text("id_at") {
        tracker = tracker.id_at(at);
    }
    tracker = match (values.text("over_url"), values.json("over_body")?) {
        (Some(_), Some(_)) if !can_search => {
            return Err(
                "the ticket of an alert that is over is found by a search: write `search_url`"
                    .to_owned(),
            );
        }
        (Some(url), Some(body)) => tracker.when_over(url, body),
        (None, None) => tracker,
        _ => {
            return Err(
                "what is posted when an alert is over has a URL and a body: write `over_url` and \
                 `over_body`"
                    .to_owned(),
            );
        }
    };
    let tracker = tracker.build().map_err(|error| error.to_string())?;
    Ok(std::sync::Arc::new(tracker))
}
