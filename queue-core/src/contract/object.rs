//! Reading objects: their fields, and what must hold of several together.

use serde_json::Value as Json;

use super::Action;
use super::coercion::Coercion;
use super::node::{Member, Node, Value};
use super::path::Path;
use super::read::Reader;
use super::repair::{self, Parts, Repaired};
use super::rule::{Rule, Test};
use super::shape::{Field, Object, Shape, Text, Unknown};
use crate::catalogue::Code;

/// What was read of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    Absent,
    Good,
    Bad,
}

impl<'c> Reader<'c> {
    pub(super) fn object(
        &mut self,
        object: &'c Object,
        node: &Node<'_>,
        members: &[Member<'_>],
        path: &Path<'_>,
    ) -> Option<Repaired> {
        let mut parts = Parts::default();
        let mut fields = vec![Read::Absent; object.fields.len()];
        let (mut good, mut next) = (true, 0);
        for (place, member) in members.iter().enumerate() {
            let path = Path::Key(path, &member.key);
            let Some(at) = place_of(object, &member.key, next) else {
                match object.unknown {
                    Unknown::Keep => parts.keep(place, Repaired::Same),
                    unknown => {
                        self.unknown(unknown, &path);
                        good &= unknown != Unknown::Reject;
                        parts.leave_out(place);
                    }
                }
                continue;
            };
            next = at + 1;
            let read = object
                .fields
                .get(at)
                .and_then(|field| self.field(field, &member.node, &path));
            if let Some(state) = fields.get_mut(at) {
                *state = if read.is_some() {
                    Read::Good
                } else {
                    Read::Bad
                };
            }
            match read {
                Some(part) => parts.keep(place, part),
                None => good = false,
            }
        }
        for (field, read) in object.fields.iter().zip(&fields) {
            if field.required && *read == Read::Absent {
                let path = Path::Key(path, &field.name);
                self.problem(
                    Code::MissingRequiredField,
                    "absent",
                    &path,
                    None,
                    String::new(),
                );
                good = false;
            }
        }
        // Parts of what is not good would be out of step with its members.
        let repaired = if good { parts.done() } else { Repaired::Same };
        for rule in &object.rules {
            good &= self.rule(rule, object, &fields, good, node, members, &repaired, path);
        }
        good.then_some(repaired)
    }

    fn unknown(&mut self, unknown: Unknown, path: &Path<'_>) {
        let (code, reason) = (Code::SchemaMismatch, "unknown_field");
        // Whether its value is sensitive nobody knows: it is not shown.
        if unknown == Unknown::Drop {
            self.say(code, reason, path, Action::Drop, None, String::new());
        } else {
            self.problem(
                code,
                reason,
                path,
                None,
                "there is no such field".to_owned(),
            );
        }
    }

    fn field(&mut self, field: &'c Field, node: &Node<'_>, path: &Path<'_>) -> Option<Repaired> {
        if matches!(node.value, Value::Null) && !matches!(field.shape, Shape::Any) {
            return match (field.nullable, field.required) {
                (true, _) => Some(Repaired::Same),
                (false, true) => {
                    self.problem(
                        Code::MissingRequiredField,
                        "null",
                        path,
                        None,
                        String::new(),
                    );
                    None
                }
                (false, false) => {
                    let detail = "it is left out where there is none".to_owned();
                    self.problem(Code::SchemaMismatch, "null_not_allowed", path, None, detail);
                    None
                }
            };
        }
        let outer = self.sensitive;
        self.sensitive |= field.sensitive;
        let read = if field.required && is_blank(&field.shape, node) {
            self.problem(
                Code::MissingRequiredField,
                "blank",
                path,
                Some(node),
                String::new(),
            );
            None
        } else {
            self.read(&field.shape, node, path)
        };
        self.sensitive = outer;
        read
    }

    /// Whether a rule holds, or cannot be asked.
    #[expect(clippy::too_many_arguments, reason = "all that is known of one object")]
    fn rule(
        &mut self,
        rule: &'c Rule,
        object: &'c Object,
        fields: &[Read],
        good: bool,
        node: &Node<'_>,
        members: &[Member<'_>],
        repaired: &Repaired,
        path: &Path<'_>,
    ) -> bool {
        let state = |name: &str| {
            let at = object.field(name).map(|(at, _)| at);
            at.and_then(|at| fields.get(at))
                .copied()
                .unwrap_or(Read::Absent)
        };
        if rule.fields().iter().any(|name| state(name) == Read::Bad) {
            return true;
        }
        let is_there = |name: &String| state(name) == Read::Good;
        let text = |name: &str| {
            let member = members.iter().find(|member| member.key == name)?;
            text_of(object.field(name)?.1, member)
        };
        let holds = match &rule.test {
            Test::NotLess { field, than } => match (text(field), text(than)) {
                (Some(high), Some(low)) => number(&high) >= number(&low),
                _ => true,
            },
            Test::RequiredWith { field, with, being } => {
                let asked = is_there(with) && being.is_none() | (text(with) == *being);
                !asked || is_there(field)
            }
            Test::AnyOf(names) => names.iter().any(is_there),
            Test::AtMostOneOf(names) => names.iter().filter(|name| is_there(name)).count() <= 1,
            Test::Among { field, context } => match (text(field), object.field(field)) {
                (Some(text), Some((_, known))) => self
                    .is_listed(context, coercions(&known.shape), &text)
                    .unwrap_or(true),
                _ => true,
            },
            Test::Check(name) if good => {
                return self.check(rule, object, name, node, repaired, path);
            }
            Test::Check(_) => true,
        };
        if !holds {
            let detail = format!("it is wanted that {}", rule.described());
            self.broken(rule, object, detail, members, path);
        }
        holds
    }

    fn broken(
        &mut self,
        rule: &Rule,
        object: &Object,
        detail: String,
        members: &[Member<'_>],
        path: &Path<'_>,
    ) {
        let (code, reason) = rule.verdict();
        // A rule of one field, or one that one field breaks, is about that.
        let field = match &rule.test {
            Test::NotLess { field, .. }
            | Test::RequiredWith { field, .. }
            | Test::Among { field, .. } => Some(field.as_str()),
            _ => None,
        };
        match field {
            Some(name) => {
                let member = members.iter().find(|member| member.key == name);
                let path = Path::Key(path, name);
                let known = object.field(name);
                let outer = self.sensitive;
                self.sensitive |= known.is_some_and(|(_, field)| field.sensitive);
                let shown = member.map(|member| &member.node);
                self.problem(code, reason, &path, shown, detail);
                self.sensitive = outer;
            }
            None => self.problem(code, reason, path, None, detail),
        }
    }

    /// Asks the program.
    fn check(
        &mut self,
        rule: &Rule,
        object: &Object,
        name: &str,
        node: &Node<'_>,
        repaired: &Repaired,
        path: &Path<'_>,
    ) -> bool {
        let mut written = String::new();
        repair::write(self.text, node, repaired, &mut written);
        let value = serde_json::from_str::<Json>(&written).unwrap_or_default();
        let answer = match self.built.checks.get(name) {
            Some(check) => check(&value, self.context),
            None => Err(format!("there is no check `{name}`")),
        };
        match answer {
            Ok(()) => true,
            Err(why) => {
                self.broken(rule, object, why, &[], path);
                false
            }
        }
    }
}

/// Where the field of a key is: most documents have them in the order of the contract.
fn place_of(object: &Object, key: &str, next: usize) -> Option<usize> {
    match object.fields.get(next) {
        Some(field) if field.name == key => Some(next),
        _ => object.field(key).map(|(at, _)| at),
    }
}

/// Whether a text is there that says nothing, where one is wanted that does.
fn is_blank(shape: &Shape, node: &Node<'_>) -> bool {
    match (shape, &node.value) {
        (
            Shape::Text(Text {
                min_chars: Some(1..),
                coerce,
                ..
            }),
            Value::Text(text),
        ) => text.is_empty() || (coerce.contains(&Coercion::Trim) && text.trim().is_empty()),
        (Shape::Choice(choice), Value::Text(text)) => {
            let blank = text.is_empty() || (choice.trim && text.trim().is_empty());
            blank && !choice.of.iter().any(String::is_empty)
        }
        _ => false,
    }
}

fn coercions(shape: &Shape) -> &[Coercion] {
    match shape {
        Shape::Text(text) => &text.coerce,
        Shape::Choice(choice) => choice.coercions(),
        _ => &[],
    }
}

/// A good field's text, or its integer as one, as it was put right.
fn text_of(field: &Field, member: &Member<'_>) -> Option<String> {
    match &member.node.value {
        Value::Text(text) => {
            let coercions = match &field.shape {
                Shape::Integer(_) => &[Coercion::Trim],
                shape => coercions(shape),
            };
            Some(super::coercion::coerced(coercions, text).into_owned())
        }
        Value::Number(text) => Some((*text).to_owned()),
        _ => None,
    }
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// The text or integer of a good object's field, as it was put right.
pub(super) fn field_text(
    members: &[Member<'_>],
    repaired: &Repaired,
    name: &str,
) -> Option<String> {
    let place = members.iter().position(|member| member.key == name)?;
    let part = match repaired {
        Repaired::Parts(parts) => parts
            .iter()
            .find(|(at, _)| *at == place)
            .map(|(_, part)| part),
        _ => None,
    };
    match (part, &members.get(place)?.node.value) {
        (Some(Repaired::Text(text)), _) => Some(text.clone()),
        (Some(Repaired::Integer(integer)), _) => Some(integer.to_string()),
        (_, Value::Text(text)) => Some(text.clone().into_owned()),
        // `-0` is 0.
        (_, Value::Number(text)) => number(text).map(|number| number.to_string()),
        _ => None,
    }
}
