//! `PagerDuty`.

use crate::delivery::key::{ChannelKey, Shape, key};

pub(in crate::delivery) const KEYS: &[ChannelKey] = &[
    key(
        "routing_key",
        Shape::Secret,
        "the integration's routing key",
    ),
    key(
        "routing_keys",
        Shape::SourcesOf,
        "routing keys of single recipients, like { payments-on-call = \"credential:pd-payments\" }",
    ),
    key("endpoint", Shape::Masked, "where events go")
        .or("\"https://events.pagerduty.com/v2/enqueue\""),
    key("source", Shape::Text, "what alerts are said to come from").or("\"leasehold\""),
];

#[cfg(feature = "pagerduty")]
pub(super) fn build(
    values: &crate::delivery::values::Values,
) -> Result<std::sync::Arc<dyn queue_core::channel::Channel>, String> {
    use crate::delivery::http;
    use crate::delivery::value::Value;
    use queue_core::channel::PagerDutyChannel;

    let mut pager = PagerDutyChannel::builder().http(http::options(values)?);
    let key = values.source("routing_key");
    let own = values.any("routing_keys");
    if key.is_none() && own.is_none() {
        return Err(
            "there is no routing key: name where it is, by `routing_key_file`, \
             `routing_key_credential` or `routing_key_env`"
                .to_owned(),
        );
    }
    if let Some(key) = key {
        pager = pager.routing_key(key);
    }
    if let Some(Value::SourcesOf(all)) = own {
        for (of, sources) in all {
            let [source] = sources.as_slice() else {
                return Err(format!("`routing_keys` has several for {of}: write one"));
            };
            pager = pager.routing_key_of(of.clone(), source.clone());
        }
    }
    if let Some(url) = values.text("endpoint") {
        pager = pager.endpoint(url);
    }
    if let Some(source) = values.text("source") {
        pager = pager.source(source);
    }
    let pager = pager.build().map_err(|error| error.to_string())?;
    Ok(std::sync::Arc::new(pager))
}
