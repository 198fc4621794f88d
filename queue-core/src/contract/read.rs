//! Reading a document by a contract: parse, versions, then everything else in one pass.

use std::collections::HashSet;

use bytes::Bytes;
use serde_json::Value as Json;

use super::coercion::{Coercion, coerced};
use super::node::{Node, Value};
use super::parse::{self, Unreadable};
use super::path::Path;
use super::repair::{self, Parts, Repaired};
use super::verdict::{Items, TakenVersion, Verdict};
use super::{Action, BadItem, Built, Diagnostic, List, Object, ReadContext, Shape, Wrapping};
use crate::catalogue::Code;

pub(super) const REDACTED: &str = "[redacted]";

pub(super) fn read(built: &Built, original: Bytes, context: &ReadContext) -> Verdict {
    let mut reader = Reader {
        built,
        context,
        text: "",
        diagnostics: Vec::new(),
        in_item: 0,
        item_problem: None,
        sensitive: false,
        refused: false,
        overflowed: false,
        items: Items::default(),
        versions: Vec::new(),
        lists: Vec::new(),
    };
    let accepted = match reader.text(&original) {
        Ok(text) => reader.unwrapped(text),
        Err(unreadable) => Err(unreadable),
    };
    let accepted = match accepted {
        Ok((root, text)) => reader.document(&root, text, &original),
        Err(unreadable) => {
            reader.unreadable(unreadable);
            None
        }
    };
    let Reader {
        mut diagnostics,
        items,
        versions,
        overflowed,
        ..
    } = reader;
    if accepted.is_none() {
        // Nothing came of the repairs.
        diagnostics.retain(|diagnostic| diagnostic.action != Action::Coerce);
        let reject = |code: Code, reason: &'static str, detail: String| Diagnostic {
            detail,
            correlation_id: context.correlation(),
            ..Diagnostic::of(code, reason, String::new(), Action::Reject)
        };
        if overflowed {
            let most = built.file.limits.diagnostics;
            let detail = format!("there is more to say of it than the {most} things allowed");
            let (code, reason) = (Code::LimitExceeded, "too_many_diagnostics");
            diagnostics.push(reject(code, reason, detail));
        }
        let first = diagnostics
            .iter()
            .find(|diagnostic| diagnostic.action == Action::Reject)
            .map_or(Code::SchemaMismatch, |diagnostic| diagnostic.code);
        let summary = built.file.summary.document;
        diagnostics.push(reject(summary, first.as_str(), String::new()));
    }
    Verdict::of(
        &built.file.name,
        original,
        accepted,
        diagnostics,
        items,
        versions,
    )
}

/// What is known while a document is read.
pub(super) struct Reader<'c> {
    pub(super) built: &'c Built,
    pub(super) context: &'c ReadContext,
    /// The document without what stood around it.
    pub(super) text: &'c str,
    diagnostics: Vec<Diagnostic>,
    /// In how many items that may be dropped we are.
    in_item: usize,
    /// The first problem of the innermost of them.
    item_problem: Option<Code>,
    /// Whether the value belongs to a sensitive field.
    pub(super) sensitive: bool,
    /// Whether the whole is refused, also if only an item was looked at.
    refused: bool,
    /// Whether there was more to say than is allowed.
    overflowed: bool,
    items: Items,
    versions: Vec<TakenVersion>,
    /// Lists of the context that were looked into.
    lists: Vec<Listed<'c>>,
}

/// A list of the context, as it is compared with.
struct Listed<'c> {
    name: &'c str,
    after: &'c [Coercion],
    /// None if it was not given.
    texts: Option<HashSet<String>>,
}

impl<'c> Reader<'c> {
    fn text<'t>(&self, original: &'t Bytes) -> Result<&'t str, Unreadable> {
        let limit = self.built.file.limits.bytes;
        if original.len() > limit {
            return Err(Unreadable {
                code: Code::LimitExceeded,
                reason: "too_many_bytes",
                path: String::new(),
                detail: format!("{} bytes where {limit} are allowed", original.len()),
            });
        }
        std::str::from_utf8(original).map_err(|error| Unreadable {
            code: Code::InvalidJson,
            reason: "not_utf8",
            path: String::new(),
            detail: format!("byte {} is not UTF-8", error.valid_up_to()),
        })
    }

    /// Parses what is given; if that fails, what is inside of it, as far as that may be taken off.
    fn unwrapped<'t>(&mut self, given: &'t str) -> Result<(Node<'t>, &'t str), Unreadable> {
        let limits = &self.built.file.limits;
        let mut failure = match parse::parse(given, limits) {
            Ok(root) => return Ok((root, given)),
            Err(failure) => failure,
        };
        let mut text = given;
        for wrapping in Wrapping::ALL {
            if !matches!(failure.reason, "syntax" | "trailing_text") {
                break;
            }
            let Some(inside) = wrapping.take_off(text) else {
                continue;
            };
            let parsed = parse::parse(inside, limits);
            if !self.built.file.unwrap.contains(&wrapping) {
                // Said only where it is what is wrong.
                if parsed.is_ok() || wrapping == Wrapping::ByteOrderMark {
                    failure.reason = wrapping.refusal();
                }
                return Err(failure);
            }
            self.push(Diagnostic::of(
                Code::CoercionApplied,
                wrapping.repair(),
                String::new(),
                Action::Coerce,
            ));
            match parsed {
                Ok(root) => return Ok((root, inside)),
                Err(inner) => (failure, text) = (inner, inside),
            }
        }
        Err(failure)
    }

    fn unreadable(&mut self, unreadable: Unreadable) {
        self.push(Diagnostic {
            detail: unreadable.detail,
            ..Diagnostic::of(
                unreadable.code,
                unreadable.reason,
                unreadable.path,
                Action::Reject,
            )
        });
    }

    /// The accepted document: a part of the original where nothing had to be put right.
    fn document<'t>(&mut self, root: &Node<'t>, text: &'t str, original: &Bytes) -> Option<Bytes>
    where
        't: 'c,
    {
        self.text = text;
        let built = self.built;
        if let Shape::Object(object) = &built.file.root {
            self.read_versions(object, root);
        }
        if self.refused {
            return None;
        }
        let repaired = self.read(&built.file.root, root, &Path::Root)?;
        if self.refused {
            return None;
        }
        if repaired.is_same() {
            return Some(original.slice_ref(text.as_bytes()));
        }
        let mut written = String::with_capacity(text.len());
        repair::write(text, root, &repaired, &mut written);
        Some(Bytes::from(written))
    }

    /// Whether the version is one that is read, before anything else is looked at.
    fn read_versions(&mut self, object: &'c Object, root: &Node<'_>) {
        let Value::Object(members) = &root.value else {
            return;
        };
        for field in &object.fields {
            let Shape::Version(versions) = &field.shape else {
                continue;
            };
            let path = Path::Key(&Path::Root, &field.name);
            let member = members.iter().find(|member| member.key == field.name);
            let Some(member) = member else {
                let wanted = format!("the version {} is wanted", versions.described());
                self.problem(Code::MissingRequiredField, "absent", &path, None, wanted);
                self.refused = true;
                continue;
            };
            let read = match &member.node.value {
                Value::Text(text) => versions.read(text).map(|version| (text, version)),
                _ => Err("malformed"),
            };
            match read {
                Ok((found, version)) => self.versions.push(TakenVersion {
                    field: field.name.clone(),
                    found: found.clone().into_owned(),
                    taken_as: version,
                }),
                Err(reason) => {
                    let wanted = format!("the version {} is read", versions.described());
                    let code = Code::IncompatibleVersion;
                    self.problem(code, reason, &path, Some(&member.node), wanted);
                    self.refused = true;
                }
            }
        }
    }

    /// What has become of a value, or none if it is not good.
    pub(super) fn read(
        &mut self,
        shape: &'c Shape,
        node: &Node<'_>,
        path: &Path<'_>,
    ) -> Option<Repaired> {
        match (shape, &node.value) {
            (Shape::Any, _) | (Shape::Boolean, Value::Boolean) => Some(Repaired::Same),
            // Read before everything else.
            (Shape::Version(_), _) => Some(Repaired::Same),
            (Shape::Integer(integer), value) => self.integer(integer, node, value, path),
            (Shape::Number(number), Value::Number(text)) => self.number(number, node, text, path),
            (Shape::Text(wanted), Value::Text(text)) => self.words(wanted, node, text, path),
            (Shape::Choice(choice), Value::Text(text)) => self.choice(choice, node, text, path),
            (Shape::List(list), Value::List(items)) => self.list(list, items, path),
            (Shape::Object(object), Value::Object(members)) => {
                self.object(object, node, members, path)
            }
            (shape, _) => self.wrong_type(shape, node, path),
        }
    }

    pub(super) fn wrong_type(
        &mut self,
        shape: &Shape,
        node: &Node<'_>,
        path: &Path<'_>,
    ) -> Option<Repaired> {
        let wanted = match shape {
            Shape::Boolean => "a boolean",
            Shape::Integer(_) => "an integer",
            Shape::Number(_) => "a number",
            Shape::List(_) => "a list",
            Shape::Object(_) => "an object",
            _ => "a text",
        };
        let detail = format!("{wanted} is wanted, this is {}", node.kind());
        self.problem(Code::SchemaMismatch, "wrong_type", path, Some(node), detail);
        None
    }

    fn list(&mut self, list: &'c List, items: &[Node<'_>], path: &Path<'_>) -> Option<Repaired> {
        let mut good = true;
        if let Some(least) = list.min_items
            && items.len() < least
        {
            let detail = format!(
                "at least {least} items are wanted, there are {}",
                items.len()
            );
            self.problem(Code::SchemaMismatch, "too_few_items", path, None, detail);
            good = false;
        }
        if let Some(most) = list.max_items
            && items.len() > most
        {
            let detail = format!("at most {most} items are wanted, there are {}", items.len());
            self.problem(Code::SchemaMismatch, "too_many_items", path, None, detail);
            good = false;
        }
        let mut seen = HashSet::new();
        let mut parts = Parts::default();
        let mut kept = 0;
        for (place, item) in items.iter().enumerate() {
            let path = Path::Index(path, place);
            let read = match list.bad_item {
                BadItem::Reject => self.item(list, item, &path, &mut seen),
                BadItem::Drop => self.droppable(list, item, &path, &mut seen),
            };
            match read {
                Some(part) => {
                    kept += 1;
                    parts.keep(place, part);
                }
                None if list.bad_item == BadItem::Drop => parts.leave_out(place),
                None => good = false,
            }
        }
        if list.bad_item == BadItem::Drop {
            self.items.given += items.len();
            self.items.kept += kept;
            self.items.dropped += items.len() - kept;
            if kept == 0 && !items.is_empty() {
                self.push(Diagnostic {
                    detail: format!("none of {} items is good", items.len()),
                    ..Diagnostic::of(
                        self.built.file.summary.all_items,
                        "nothing_left",
                        path.pointer(),
                        Action::Warn,
                    )
                });
            }
        }
        good.then(|| parts.done())
    }

    /// An item whose problems cost the item only.
    fn droppable(
        &mut self,
        list: &'c List,
        item: &Node<'_>,
        path: &Path<'_>,
        seen: &mut HashSet<String>,
    ) -> Option<Repaired> {
        let (before, items) = (self.diagnostics.len(), self.items);
        let outer = self.item_problem.take();
        self.in_item += 1;
        let read = self.item(list, item, path, seen);
        self.in_item -= 1;
        // What its own items lack, or a field that nobody knows, costs it nothing.
        let first = std::mem::replace(&mut self.item_problem, outer);
        if read.is_some() {
            return read;
        }
        // Nothing came of its repairs, and its own items went with it.
        self.items = items;
        let said = self.diagnostics.split_off(before).into_iter();
        let problems = said.filter(|told| matches!(told.action, Action::Drop | Action::Reject));
        self.diagnostics.extend(problems);
        self.push(Diagnostic::of(
            self.built.file.summary.item,
            first.unwrap_or(Code::SchemaMismatch).as_str(),
            path.pointer(),
            Action::Drop,
        ));
        None
    }

    fn item(
        &mut self,
        list: &'c List,
        item: &Node<'_>,
        path: &Path<'_>,
        seen: &mut HashSet<String>,
    ) -> Option<Repaired> {
        let read = self.read(&list.item, item, path)?;
        let Some(name) = &list.unique_by else {
            return Some(read);
        };
        let Value::Object(members) = &item.value else {
            return Some(read);
        };
        if let Some(text) = super::object::field_text(members, &read, name)
            && !seen.insert(text)
        {
            let path = Path::Key(path, name);
            let detail = format!("no two items may have the same `{name}`");
            self.problem(Code::SchemaMismatch, "duplicate_item", &path, None, detail);
            return None;
        }
        Some(read)
    }

    /// Something is not good: it costs the item that we are in, or everything.
    pub(super) fn problem(
        &mut self,
        code: Code,
        reason: &'static str,
        path: &Path<'_>,
        node: Option<&Node<'_>>,
        detail: String,
    ) {
        let action = if self.in_item > 0 {
            self.item_problem.get_or_insert(code);
            Action::Drop
        } else {
            Action::Reject
        };
        self.say(code, reason, path, action, node, detail);
    }

    /// Something is not good that no item is to blame for.
    pub(super) fn refuse(&mut self, code: Code, reason: &'static str, detail: String) {
        self.refused = true;
        self.say(code, reason, &Path::Root, Action::Reject, None, detail);
    }

    pub(super) fn say(
        &mut self,
        code: Code,
        reason: &'static str,
        path: &Path<'_>,
        action: Action,
        node: Option<&Node<'_>>,
        detail: String,
    ) {
        let old = node.and_then(|node| {
            if self.sensitive {
                Some(Json::from(REDACTED))
            } else {
                node.shown()
            }
        });
        self.push(Diagnostic {
            detail,
            old,
            ..Diagnostic::of(code, reason, path.pointer(), action)
        });
    }

    /// Something was put right.
    pub(super) fn repaired(
        &mut self,
        reason: &'static str,
        path: &Path<'_>,
        old: impl Into<Json>,
        new: impl Into<Json>,
    ) {
        let shown = |value: Json| {
            if self.sensitive {
                Json::from(REDACTED)
            } else {
                value
            }
        };
        let (old, new) = (shown(old.into()), shown(new.into()));
        self.push(Diagnostic {
            old: Some(old),
            new: Some(new),
            ..Diagnostic::of(
                Code::CoercionApplied,
                reason,
                path.pointer(),
                Action::Coerce,
            )
        });
    }

    fn push(&mut self, mut diagnostic: Diagnostic) {
        if self.diagnostics.len() >= self.built.file.limits.diagnostics {
            self.refused = true;
            self.overflowed = true;
            return;
        }
        diagnostic.correlation_id = self.context.correlation();
        self.diagnostics.push(diagnostic);
    }

    /// Whether a text is in a list of the context; none if there is no such list, which is said once.
    pub(super) fn is_listed(
        &mut self,
        name: &'c str,
        coercions: &'c [Coercion],
        text: &str,
    ) -> Option<bool> {
        let known = |list: &Listed<'_>| list.name == name && list.after == coercions;
        let place = match self.lists.iter().position(known) {
            Some(place) => place,
            None => {
                let texts = self.list_of_context(name, coercions);
                self.lists.push(Listed {
                    name,
                    after: coercions,
                    texts,
                });
                self.lists.len() - 1
            }
        };
        let texts = self.lists.get(place)?.texts.as_ref()?;
        Some(texts.contains(text))
    }

    fn list_of_context(&mut self, name: &str, coercions: &[Coercion]) -> Option<HashSet<String>> {
        let Some(value) = self.context.get(name) else {
            let detail = format!("the reader was not given the list `{name}`");
            self.refuse(Code::ContextMissing, "absent", detail);
            return None;
        };
        let texts = value.as_array().and_then(|texts| {
            let texts = texts.iter().map(|text| text.as_str());
            texts
                .map(|text| Some(coerced(coercions, text?).into_owned()))
                .collect()
        });
        if texts.is_none() {
            let detail = format!("`{name}` is not a list of texts");
            self.refuse(Code::ContextMissing, "wrong_type", detail);
        }
        texts
    }
}
