//! What a service does itself and wants on record.

use serde::Serialize;

use crate::InvalidName;

/// The longest detail of a service's own act, in bytes of JSON.
pub const MAX_ACT_DETAIL: usize = 64 * 1024;

const ACTION: &str =
    "service, noun and verb, each of a-z, 0-9 and _, as in `review.allow_list.load`";
const TARGET: &str = "noun:id, 3 to 200 bytes without control characters, as in `artifact:17`";
const DETAIL: &str = "a JSON object of at most 65536 bytes";

/// An act of a service's own, beside the verbs of the ports: settings that it loaded, secrets that were
/// looked at. [`record`](crate::OperatorStore::record) puts it into the chain.
///
/// ```
/// use queue_core::{Act, Actor, AuditFilter, AuditPage, OperatorStore, ServiceAct};
/// use queue_core::memory::MemoryStore;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::default();
/// let detail = serde_json::json!({ "added": ["//depot/shop/..."] });
/// let load = ServiceAct::new("review.allow_list.load", "allow_list:review", &detail)?;
/// store.record(&load, &Act::new(Actor::new("review-service")?, "started")).await?;
/// let list = store.audit(&AuditFilter::default(), AuditPage::newest(1)?).await?;
/// assert_eq!(list.records[0].entry.action, "review.allow_list.load");
///
/// // The ports' own verbs have two words: nobody writes a record that looks like one of theirs.
/// let error = ServiceAct::new("dead_letter.replay", "job:1", &detail).unwrap_err();
/// assert!(error.to_string().contains("write service, noun and verb"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAct {
    action: String,
    target: String,
    detail: String,
}

impl ServiceAct {
    /// `service.noun.verb` done to `noun:id`, with what more there is to say as an object: never a payload,
    /// a secret or a person's data, since the trail is exported.
    pub fn new<D: Serialize + ?Sized>(
        action: &str,
        target: &str,
        detail: &D,
    ) -> Result<Self, InvalidName> {
        check_action(action)?;
        check_target(target)?;
        // As a value first: its keys are sorted, so that the same is written in the same way.
        let value = serde_json::to_value(detail)
            .map_err(|error| invalid(DETAIL, &error.to_string(), "it cannot be written as JSON"))?;
        let text = value.to_string();
        if !value.is_object() {
            return Err(invalid(DETAIL, &text, "it is not an object"));
        }
        if text.len() > MAX_ACT_DETAIL {
            return Err(invalid(DETAIL, &text, "it is too long"));
        }
        Ok(Self {
            action: action.to_owned(),
            target: target.to_owned(),
            detail: text,
        })
    }

    /// What was done.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// To what.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// What more is said of it, as compact JSON.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

fn check_action(action: &str) -> Result<(), InvalidName> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let words: Vec<&str> = action.split('.').collect();
    let problem = if action.len() > 128 {
        "it is too long"
    } else if words.len() != 3 {
        "it has not three words"
    } else if words.iter().any(|word| word.is_empty()) {
        "a word of it is empty"
    } else if !words.iter().all(|word| word.chars().all(allowed)) {
        "it has a character that is not allowed"
    } else {
        return Ok(());
    };
    Err(invalid(ACTION, action, problem))
}

fn check_target(target: &str) -> Result<(), InvalidName> {
    let problem = match target.split_once(':') {
        Some((noun, id)) if noun.is_empty() || id.is_empty() => "a part of it is empty",
        None => "it has no colon",
        Some(_) if target.len() > 200 => "it is too long",
        Some(_) if target.chars().any(char::is_control) => "it has a control character",
        Some(_) => return Ok(()),
    };
    Err(invalid(TARGET, target, problem))
}

fn invalid(rule: &'static str, text: &str, problem: &'static str) -> InvalidName {
    let what = match rule {
        ACTION => "action of a service",
        TARGET => "target of an act",
        _ => "detail of an act",
    };
    let shown = text.chars().take(40).flat_map(char::escape_debug);
    InvalidName {
        what,
        text: shown.collect(),
        problem,
        rule,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_act_is_refused_with_what_to_write() {
        let long = format!("a.b.{}", "c".repeat(128));
        for action in ["", "a", "a.b", "a.b.c.d", "a..c", "A.b.c", "a.b.c ", &long] {
            let error = ServiceAct::new(action, "a:1", &json!({})).unwrap_err();
            assert_eq!(error.what, "action of a service", "{action}");
        }
        for target in ["", "a", ":1", "a:", "a:\n", &format!("a:{long}{long}")] {
            let error = ServiceAct::new("a.b.c", target, &json!({})).unwrap_err();
            assert_eq!(error.what, "target of an act", "{target}");
        }
        let long = json!({ "long": "x".repeat(MAX_ACT_DETAIL) });
        for detail in [json!(1), json!([]), json!(null), long] {
            let error = ServiceAct::new("a.b.c", "a:1", &detail).unwrap_err();
            assert_eq!(error.what, "detail of an act");
        }
    }

    #[test]
    fn the_same_detail_is_written_in_the_same_way() {
        let one = ServiceAct::new("a.b.c", "a:1", &json!({ "x": 1, "b": "\0" })).unwrap();
        assert_eq!(one.detail(), r#"{"b":"\u0000","x":1}"#);
    }
}
