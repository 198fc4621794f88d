//! How a provider is asked whether it has a message.

use super::key::{ChannelKey, Shape, key};

/// The keys of channels to a provider that can be asked.
pub(super) const KEYS: &[ChannelKey] = &[
    key(
        "search_url",
        Shape::Masked,
        "where it is asked whether it has a message, with a place for {key}, {recipient} or {id}; it is not asked unless it is said",
    ),
    key(
        "search_list_at",
        Shape::Text,
        "where in the answer the list of what was found is, a JSON pointer; unless it is said, the answer is the message or 404",
    ),
    key(
        "search_key_at",
        Shape::Text,
        "where in what was found our key is, a JSON pointer",
    ),
    key(
        "search_id_at",
        Shape::Text,
        "where in what was found the provider's id is, a JSON pointer",
    ),
    key(
        "search_whole_list",
        Shape::Flag,
        "whether a list is all there is, and never a page of it",
    )
    .or("false"),
    key(
        "search_lag",
        Shape::Span,
        "after how long the search finds a message at the latest",
    )
    .or("\"1m\""),
];

#[cfg(feature = "search")]
pub(super) fn search(
    values: &super::values::Values,
) -> Result<Option<queue_core::channel::Search>, String> {
    use queue_core::channel::Search;
    let (url, list_at) = (values.text("search_url"), values.text("search_list_at"));
    let (key_at, id_at) = (values.text("search_key_at"), values.text("search_id_at"));
    let (whole, lag) = (values.is("search_whole_list"), values.span("search_lag"));
    let Some(url) = url else {
        if list_at.is_some() || key_at.is_some() || id_at.is_some() || whole || lag.is_some() {
            return Err("a search is described that has no URL: write `search_url`".to_owned());
        }
        return Ok(None);
    };
    // In the words of a configuration, before the channel says it in those of its builder.
    if key_at.is_none() && whole {
        return Err(
            "a whole list is searched for our key: write where it is, `search_key_at`".to_owned(),
        );
    }
    if key_at.is_none()
        && url.contains("{recipient}")
        && !url.contains("{key}")
        && !url.contains("{id}")
    {
        return Err(
            "a search by {recipient} finds other messages too: write where our key is, `search_key_at`"
                .to_owned(),
        );
    }
    let mut search = match list_at {
        Some(at) => Search::list(url, at),
        None => Search::one(url),
    };
    if let Some(at) = key_at {
        search = search.key_at(at);
    }
    if let Some(at) = id_at {
        search = search.id_at(at);
    }
    if whole {
        search = search.whole_list();
    }
    if let Some(lag) = lag {
        search = search.lag(lag);
    }
    Ok(Some(search))
}
