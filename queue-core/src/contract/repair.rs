//! A document put right: what was good stays as it was written, byte for byte.

use super::node::{Node, Value};

/// What has become of a value that was accepted.
#[derive(Debug)]
pub(super) enum Repaired {
    /// It is as it was.
    Same,
    /// Another text.
    Text(String),
    Integer(i64),
    /// Those of its items, or of its members, that are left, by their place.
    Parts(Vec<(usize, Repaired)>),
}

impl Repaired {
    pub(super) fn is_same(&self) -> bool {
        matches!(self, Self::Same)
    }
}

/// The parts of a list or object, of which nothing is written down until one changes.
#[derive(Debug, Default)]
pub(super) struct Parts {
    changed: Option<Vec<(usize, Repaired)>>,
}

impl Parts {
    /// The part at this place is kept.
    pub(super) fn keep(&mut self, place: usize, part: Repaired) {
        if let Some(parts) = &mut self.changed {
            parts.push((place, part));
        } else if !part.is_same() {
            self.so_far(place).push((place, part));
        }
    }

    /// The part at this place is not.
    pub(super) fn leave_out(&mut self, place: usize) {
        if self.changed.is_none() {
            self.so_far(place);
        }
    }

    fn so_far(&mut self, place: usize) -> &mut Vec<(usize, Repaired)> {
        self.changed
            .get_or_insert_with(|| (0..place).map(|before| (before, Repaired::Same)).collect())
    }

    pub(super) fn done(self) -> Repaired {
        self.changed.map_or(Repaired::Same, Repaired::Parts)
    }
}

/// Writes a value as it has become.
pub(super) fn write(text: &str, node: &Node<'_>, repaired: &Repaired, to: &mut String) {
    match (repaired, &node.value) {
        (Repaired::Text(new), _) => quote(new, to),
        (Repaired::Integer(new), _) => to.push_str(&new.to_string()),
        (Repaired::Parts(parts), Value::List(items)) => {
            to.push('[');
            for (nth, (place, part)) in parts.iter().enumerate() {
                separate(nth, to);
                if let Some(item) = items.get(*place) {
                    write(text, item, part, to);
                }
            }
            to.push(']');
        }
        (Repaired::Parts(parts), Value::Object(members)) => {
            to.push('{');
            for (nth, (place, part)) in parts.iter().enumerate() {
                separate(nth, to);
                if let Some(member) = members.get(*place) {
                    quote(&member.key, to);
                    to.push(':');
                    write(text, &member.node, part, to);
                }
            }
            to.push('}');
        }
        (Repaired::Same | Repaired::Parts(_), _) => {
            to.push_str(text.get(node.span.clone()).unwrap_or_default());
        }
    }
}

/// Writes a text as JSON.
fn quote(text: &str, to: &mut String) {
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        to.push('"');
        to.push_str(text);
        to.push('"');
    } else {
        to.push_str(&serde_json::Value::from(text).to_string());
    }
}

fn separate(nth: usize, to: &mut String) {
    if nth > 0 {
        to.push(',');
    }
}
