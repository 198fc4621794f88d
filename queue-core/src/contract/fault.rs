//! Where a file is no contract.
//!
//! What has a `type` is read by it only after all of it was read, and by then nobody knows where in it
//! something was: errors name the last line of the file. So the smallest part that is wrong is looked for.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{Accepted, Field, Rule, Shape};

/// What is wrong with a part of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    /// The part, as a JSON Pointer.
    pub(super) path: String,
    pub(super) why: String,
}

type Parts<'t> = BTreeMap<String, &'t RawValue>;

#[derive(Clone, Copy)]
enum Part {
    Shape,
    Field,
    Rule,
    Accepted,
}

/// The first fault of the shape of a contract's documents, if there is one.
pub(super) fn find(text: &str) -> Option<Fault> {
    let file: Parts<'_> = serde_json::from_str(text).ok()?;
    let search = Search { text };
    search.part(Part::Shape, file.get("root")?, "/root")
}

/// What stands beside a `type` that says all there is to say: serde looks at nothing else there.
pub(super) fn stray(text: &str) -> Option<Fault> {
    let file: Parts<'_> = serde_json::from_str(text).ok()?;
    let search = Search { text };
    search.stray(file.get("root")?, "/root")
}

struct Search<'t> {
    text: &'t str,
}

impl<'t> Search<'t> {
    fn part(&self, part: Part, raw: &'t RawValue, path: &str) -> Option<Fault> {
        let error = match part {
            Part::Shape => error_of::<Shape>(raw),
            Part::Field => error_of::<Field>(raw),
            Part::Rule => error_of::<Rule>(raw),
            Part::Accepted => error_of::<Accepted>(raw),
        }?;
        if let Some(inner) = self.inside(part, raw, path) {
            return Some(inner);
        }
        let (line, column) = (error.line(), error.column());
        let said = error.to_string();
        let place = format!(" at line {line} column {column}");
        // Of what has a type only its beginning is known.
        let below = match part {
            Part::Shape => 0,
            _ => line.saturating_sub(1),
        };
        Some(Fault {
            line: self.line(raw) + below,
            path: path.to_owned(),
            why: said.strip_suffix(&place).unwrap_or(&said).to_owned(),
        })
    }

    fn inside(&self, part: Part, raw: &'t RawValue, path: &str) -> Option<Fault> {
        let parts: Parts<'t> = serde_json::from_str(raw.get()).ok()?;
        let one = |name: &str| {
            let raw = parts.get(name)?;
            self.part(Part::Shape, raw, &format!("{path}/{name}"))
        };
        let each = |part, name: &str| {
            let raw = parts.get(name)?;
            let items: Vec<&'t RawValue> = serde_json::from_str(raw.get()).ok()?;
            items
                .into_iter()
                .enumerate()
                .find_map(|(place, raw)| self.part(part, raw, &format!("{path}/{name}/{place}")))
        };
        match part {
            Part::Field => one("shape"),
            Part::Shape => one("item")
                .or_else(|| each(Part::Field, "fields"))
                .or_else(|| each(Part::Rule, "rules"))
                .or_else(|| each(Part::Accepted, "accept")),
            Part::Rule | Part::Accepted => None,
        }
    }

    fn stray(&self, raw: &'t RawValue, path: &str) -> Option<Fault> {
        if let Ok(items) = serde_json::from_str::<Vec<&'t RawValue>>(raw.get()) {
            let mut items = items.into_iter().enumerate();
            return items.find_map(|(place, item)| self.stray(item, &format!("{path}/{place}")));
        }
        let parts: Parts<'t> = serde_json::from_str(raw.get()).ok()?;
        let plain = parts
            .get("type")
            .is_some_and(|kind| matches!(kind.get(), "\"any\"" | "\"boolean\""));
        if plain && let Some(key) = parts.keys().find(|key| *key != "type") {
            return Some(Fault {
                line: self.line(raw),
                path: path.to_owned(),
                why: format!("unknown field `{key}`, there are no others beside `type` here"),
            });
        }
        let mut parts = parts.into_iter();
        parts.find_map(|(name, part)| self.stray(part, &format!("{path}/{name}")))
    }

    /// The line in which a part of the text begins, from 1.
    fn line(&self, raw: &RawValue) -> usize {
        let start = raw.get().as_ptr().addr();
        let before = start.checked_sub(self.text.as_ptr().addr());
        let before = before.and_then(|bytes| self.text.get(..bytes));
        before.map_or(1, |before| 1 + before.matches('\n').count())
    }
}

fn error_of<T: DeserializeOwned>(raw: &RawValue) -> Option<serde_json::Error> {
    serde_json::from_str::<T>(raw.get()).err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stands_beside_a_plain_type() {
        let file = |shape: &str| {
            format!("{{\"name\": \"x\", \"root\": {{\"type\": \"list\",\n\"item\": {shape}}}}}")
        };
        assert_eq!(stray(&file("{\"type\": \"any\"}")), None);
        let fault = stray(&file("{\"type\": \"boolean\", \"sensitive\": true}")).unwrap();
        assert_eq!((fault.line, fault.path.as_str()), (2, "/root/item"));
        assert!(fault.why.contains("`sensitive`"));
    }

    const FILE: &str = r#"{
  "name": "x",
  "root": {
    "type": "object",
    "fields": [
      {"name": "v", "required": true, "shape": {
        "type": "version",
        "accept": [{"version": "1.0",
                    "policy": "exact"}]
      }},
      {
        "name": "lines",
        "shape": {
          "type": "list",
          "item": {"type": "object", "fields": [
            {"name": "n", "shape": {"type": "integer", "min": 1}, "about": "A line."}
          ]}
        }
      }
    ],
    "rules": [
      {"rule": {"any_of": ["v", "lines"]}}
    ]
  }
}"#;

    #[test]
    fn a_good_file_has_none() {
        assert_eq!(find(FILE), None);
    }

    #[test]
    fn the_smallest_part_is_named_with_its_line() {
        for (from, to, line, path, why) in [
            (
                r#""min": 1"#,
                r#""mins": 1"#,
                16,
                "/root/fields/1/shape/item/fields/0/shape",
                "unknown field `mins`, expected one of `min`, `max`, `digits`, `code`",
            ),
            (
                "about",
                "abot",
                16,
                "/root/fields/1/shape/item/fields/0",
                "unknown field `abot`, expected one of",
            ),
            (
                r#""policy": "exact""#,
                r#""policy": "strict""#,
                9,
                "/root/fields/0/shape/accept/0",
                "unknown variant `strict`, expected one of `exact`",
            ),
            (
                "any_of",
                "one_of",
                22,
                "/root/rules/0",
                "unknown variant `one_of`, expected one of",
            ),
            (
                r#""list""#,
                r#""lists""#,
                13,
                "/root/fields/1/shape",
                "unknown variant `lists`, expected one of",
            ),
            (
                r#""lines",
        "shape""#,
                r#""lines",
        "form""#,
                13,
                "/root/fields/1",
                "unknown field `form`",
            ),
        ] {
            let fault = find(&FILE.replacen(from, to, 1)).unwrap();
            assert_eq!((fault.line, fault.path.as_str()), (line, path), "{fault:?}");
            assert!(fault.why.starts_with(why), "{fault:?}");
            assert!(!fault.why.contains(" at line "), "{fault:?}");
        }
    }
}
