//! What is posted to a tracker, made of an alert.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::Alert;
use crate::channel::InvalidHttp;
use crate::channel::http::placeholder;

/// What texts may have places for.
pub(super) const PLACES: &[&str] = &[
    "action", "class", "count", "details", "episode", "event", "incident", "key", "rule",
    "severity", "summary", "time",
];

/// Checks a template: an object whose texts have these places at most.
pub(super) fn check(template: &Value) -> Result<(), InvalidHttp> {
    if !template.is_object() {
        return Err(InvalidHttp::new(
            "the body of a ticket is no JSON object: write one with .body(…)",
        ));
    }
    check_texts(template).map_err(|name| {
        let places = PLACES.join("}, {");
        InvalidHttp::new(format!(
            "a text has no place {{{name}}}: it may have {{{places}}}"
        ))
    })
}

fn check_texts(value: &Value) -> Result<(), &str> {
    match value {
        Value::String(text) => {
            placeholder::fill(text, |name| PLACES.contains(&name).then(String::new)).map(drop)
        }
        Value::Array(list) => list.iter().try_for_each(check_texts),
        Value::Object(members) => members.values().try_for_each(check_texts),
        _ => Ok(()),
    }
}

/// A template with its places filled.
pub(super) fn fill(template: &Value, alert: &Alert, key: &str) -> Value {
    match template {
        Value::String(text) => {
            let filled = placeholder::fill(text, |name| value(name, alert, key));
            // Its places were checked when the channel was built.
            Value::String(filled.unwrap_or_default())
        }
        Value::Array(list) => list.iter().map(|one| fill(one, alert, key)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, one)| (name.clone(), fill(one, alert, key)))
            .collect(),
        other => other.clone(),
    }
}

/// Writes our key at a place, making the objects on the way.
pub(super) fn stamp(ticket: &mut Value, at: &str, key: &str) {
    let mut here = ticket;
    for name in at.split('/').skip(1) {
        if !here.is_object() {
            *here = Value::Object(Map::new());
        }
        let Value::Object(members) = here else {
            return;
        };
        let name = name.replace("~1", "/").replace("~0", "~");
        here = members.entry(name).or_insert(Value::Null);
    }
    *here = Value::String(key.to_owned());
}

fn value(name: &str, alert: &Alert, key: &str) -> Option<String> {
    let action = match alert.action {
        crate::AlertAction::Trigger => "trigger",
        crate::AlertAction::Resolve => "resolve",
    };
    Some(match name {
        "action" => action.to_owned(),
        "class" => alert.signal.class.to_string(),
        "count" => alert.count.to_string(),
        "details" => details(alert),
        "episode" => alert.episode.to_string(),
        "event" => alert.signal.event.as_str().to_owned(),
        "incident" => alert.key.clone(),
        "key" => key.to_owned(),
        "rule" => alert.rule.clone(),
        "severity" => alert.severity.as_str().to_owned(),
        "summary" => alert.summary.clone(),
        "time" => alert.at.to_string(),
        _ => return None,
    })
}

/// Everything, line by line.
fn details(alert: &Alert) -> String {
    let mut text = format!("{}\n\n", alert.summary);
    let lines = [
        ("rule", alert.rule.clone()),
        ("signal", alert.signal.to_string()),
        ("count", alert.count.to_string()),
        (
            "incident",
            format!("{}, episode {}", alert.key, alert.episode),
        ),
        ("at", alert.at.to_string()),
    ];
    for (name, value) in lines {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}: {value}");
    }
    text
}
