//! What a channel may do.

use queue_core::{ChannelPolicy, DeliveryRequest, DoubtPolicy, SuppressFor, WorkerName};

use super::key::{ChannelKey, Shape, key};
use super::value::Value;
use super::values::Values;

/// The keys that channels of every type have.
pub(super) const KEYS: &[ChannelKey] = &[
    key(
        "concurrency",
        Shape::Number(1, 10_000),
        "so many sends at a time, in each process",
    )
    .or("16"),
    key(
        "rate",
        Shape::Rate,
        "so many sends per time, like 10/s or 600/min, in each process; any unless it is said",
    ),
    key(
        "burst",
        Shape::Number(1, 1_000_000),
        "how many sends are saved up of the rate; as many as it has unless it is said",
    ),
    key(
        "max_attempts",
        Shape::Number(1, 65_535),
        "how often a message is tried; then it has failed",
    )
    .or("30"),
    key(
        "retry_base",
        Shape::Span,
        "the bound of the first delay; it doubles with each attempt",
    )
    .or("\"5s\""),
    key("retry_cap", Shape::Span, "where the doubling stops").or("\"1h\""),
    key("retry_after_cap", Shape::Span, "the longest Retry-After that is honoured").or("\"1h\""),
    key(
        "doubt",
        Shape::Choice(&["hold", "resend"]),
        "a message in doubt that nobody can be asked about: hold it for an operator, or resend it, perhaps twice",
    )
    .or("\"hold\""),
    key(
        "verify",
        Shape::Flag,
        "whether a far side that can be asked is asked once more about each message it took",
    )
    .or("true"),
    key(
        "breaker_failures",
        Shape::Number(1, 1_000_000),
        "after so many failures of the far side in a row the channel takes a break",
    )
    .or("10"),
    key(
        "breaker_first",
        Shape::Span,
        "the first break; each further one is twice as long",
    )
    .or("\"1s\""),
    key("breaker_most", Shape::Span, "the longest break").or("\"1m\""),
    key(
        "suppress_for",
        Shape::SpanOrEver,
        "how long a recipient that does not exist gets nothing more: a time, or ever",
    )
    .or("\"ever\""),
    key(
        "lease",
        Shape::Span,
        "how long a message is held without a sign of life from this process",
    )
    .or("\"1m\""),
    key("longest_send", Shape::Span, "how long one send may take in all").or("\"20m\""),
];

/// The policy, where it can be one.
pub(super) fn policy(values: &Values) -> Result<ChannelPolicy, String> {
    let mut policy = ChannelPolicy::default();
    let rate = values.rate("rate");
    policy.rate = match (rate, values.number::<u32>("burst")) {
        (Some(rate), Some(burst)) => {
            let rate = queue_core::RateLimit::new(rate.permits(), rate.per(), burst);
            Some(rate.map_err(|error| error.to_string())?)
        }
        (None, Some(_)) => {
            return Err("`burst` is saved up of a rate: write `rate`, too".to_owned());
        }
        (rate, None) => rate,
    };
    set(&mut policy.concurrency, values.number("concurrency"));
    set(&mut policy.max_attempts, values.number("max_attempts"));
    set(&mut policy.retry.base, values.span("retry_base"));
    set(&mut policy.retry.cap, values.span("retry_cap"));
    set(
        &mut policy.retry.retry_after_cap,
        values.span("retry_after_cap"),
    );
    set(&mut policy.verify, values.flag("verify"));
    set(
        &mut policy.breaker.failures,
        values.number("breaker_failures"),
    );
    set(&mut policy.breaker.first, values.span("breaker_first"));
    set(&mut policy.breaker.most, values.span("breaker_most"));
    set(&mut policy.lease, values.span("lease"));
    set(&mut policy.longest_send, values.span("longest_send"));
    if values.text("doubt") == Some("resend") {
        policy.doubt = DoubtPolicy::Resend;
    }
    if let Some(Value::Span(span)) = values.any("suppress_for") {
        policy.suppress_for = SuppressFor::Span(*span);
    }
    // What a store would refuse is refused before there is one.
    let anybody = WorkerName::new("anybody").map_err(|error| error.to_string())?;
    DeliveryRequest::new(anybody, 1, policy.lease).map_err(|error| format!("`lease`: {error}"))?;
    Ok(policy)
}

pub(super) fn set<T>(at: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *at = given;
    }
}
