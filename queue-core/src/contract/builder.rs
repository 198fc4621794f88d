//! Building a contract, and checking that it does not contradict itself.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::coercion::coerced;
use super::{
    BadItem, Built, Coercion, Contract, ContractFile, InvalidContract, Limits, List, Object,
    ReadContext, Rule, Shape, SummaryCodes, Test, Text, Versions, Wrapping,
};
use crate::catalogue::{Code, Stage};

/// A check of the program: `Err` says what is wrong with the object, in words without its values.
pub type Check = Arc<dyn Fn(&Value, &ReadContext) -> Result<(), String> + Send + Sync>;

/// A contract that is not checked yet.
#[must_use]
pub struct Builder {
    file: ContractFile,
    checks: BTreeMap<String, Check>,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Builder").field(&self.file).finish()
    }
}

impl Builder {
    /// From what a file says, to which checks of the program may be added.
    pub fn of(file: ContractFile) -> Self {
        Self {
            file,
            checks: BTreeMap::new(),
        }
    }

    /// What its documents are.
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.file.about = about.into();
        self
    }

    /// How large a document may be.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.file.limits = limits;
        self
    }

    /// This may stand around a document.
    pub fn unwrap(mut self, wrapping: Wrapping) -> Self {
        if !self.file.unwrap.contains(&wrapping) {
            self.file.unwrap.push(wrapping);
        }
        self
    }

    /// The codes that stand for other problems.
    pub fn summary(mut self, codes: SummaryCodes) -> Self {
        self.file.summary = codes;
        self
    }

    /// What [`Rule::check`] calls by this name, with the object as it was put right.
    pub fn check<F>(mut self, name: impl Into<String>, check: F) -> Self
    where
        F: Fn(&Value, &ReadContext) -> Result<(), String> + Send + Sync + 'static,
    {
        self.checks.insert(name.into(), Arc::new(check));
        self
    }

    /// The contract, if it does not contradict itself.
    ///
    /// # Errors
    ///
    /// [`InvalidContract`] with all that is wrong with it.
    ///
    /// ```
    /// use queue_core::contract::{Contract, Field, Integer, Object};
    /// let odd = Object::of([Field::required("n", Integer::new().at_least(5).at_most(4))]);
    /// let error = Contract::of("odd", odd).build().unwrap_err();
    /// assert!(error.to_string().contains("/n: its least value 5 is more than its greatest 4"));
    /// ```
    pub fn build(self) -> Result<Contract, InvalidContract> {
        let mut found = Findings {
            limits: self.file.limits,
            checks: self.checks.keys().map(String::as_str).collect(),
            wrong: Vec::new(),
        };
        found.file(&self.file);
        if !found.wrong.is_empty() {
            return Err(InvalidContract::Contradicts(found.wrong));
        }
        Ok(Contract {
            built: Arc::new(Built {
                file: self.file,
                checks: self.checks,
            }),
        })
    }
}

/// What is wrong with a contract, each with its place.
struct Findings<'b> {
    limits: Limits,
    checks: BTreeSet<&'b str>,
    wrong: Vec<String>,
}

impl Findings<'_> {
    fn add(&mut self, at: &str, what: impl std::fmt::Display) {
        self.wrong.push(if at.is_empty() {
            what.to_string()
        } else {
            format!("{at}: {what}")
        });
    }

    fn file(&mut self, file: &ContractFile) {
        let named =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
        if file.name.is_empty() || file.name.len() > 64 || !file.name.bytes().all(named) {
            self.add(
                "",
                "its name is not 1 to 64 lower-case letters, digits, `-`, `_` or `.`",
            );
        }
        let limits = self.limits;
        if limits.bytes == 0
            || limits.items == 0
            || limits.depth == 0
            || limits.depth > Limits::DEEPEST
        {
            self.add(
                "",
                format!(
                    "its limits must be at least 1, and its depth at most {}",
                    Limits::DEEPEST
                ),
            );
        }
        let summary = file.summary;
        for code in [summary.item, summary.document] {
            self.code("", code);
            if !code.entry().summary {
                self.add("", format!("`{code}` does not stand for other problems"));
            }
        }
        self.code("", summary.all_items);
        self.reason("", summary.all_items, "nothing_left");
        if let Shape::Object(root) = &file.root {
            self.object("", root, 1, true);
        } else {
            self.shape("", &file.root, 1);
        }
    }

    fn code(&mut self, at: &str, code: Code) {
        if code.entry().stage != Stage::Contract {
            self.add(at, format!("`{code}` is no code of contracts"));
        }
    }

    fn reason(&mut self, at: &str, code: Code, reason: &str) {
        if !code.permits(reason) {
            self.add(at, format!("`{code}` has no reason `{reason}`"));
        }
    }

    fn shape(&mut self, at: &str, shape: &Shape, depth: usize) {
        match shape {
            Shape::Any | Shape::Boolean => {}
            Shape::Integer(integer) => {
                self.range(at, integer.min, integer.max);
                if let Some(code) = integer.code {
                    self.code(at, code);
                    self.reason(at, code, "out_of_range");
                }
            }
            Shape::Number(number) => {
                let ends = [number.min, number.max];
                if ends.into_iter().flatten().any(|end| !end.is_finite()) {
                    self.add(at, "an end of its range is no number");
                }
                self.range(at, number.min, number.max);
            }
            Shape::Text(text) => self.text(at, text),
            Shape::Choice(choice) => self.choice(at, &choice.of, choice.trim),
            Shape::Version(_) => {
                self.add(at, "a version stands only in the fields of the root");
            }
            Shape::List(list) => self.list(at, list, depth),
            Shape::Object(object) => self.object(at, object, depth, false),
        }
    }

    fn range<T: PartialOrd + std::fmt::Display>(
        &mut self,
        at: &str,
        min: Option<T>,
        max: Option<T>,
    ) {
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            self.add(
                at,
                format!("its least value {min} is more than its greatest {max}"),
            );
        }
    }

    fn text(&mut self, at: &str, text: &Text) {
        self.range(at, text.min_chars, text.max_chars);
    }

    fn choice(&mut self, at: &str, of: &[String], trim: bool) {
        if of.is_empty() {
            self.add(at, "it offers nothing to choose");
        }
        let mut seen = HashSet::new();
        for text in of {
            if !seen.insert(text) {
                self.add(at, format!("it offers \"{text}\" twice"));
            }
            if trim && coerced(&[Coercion::Trim], text) != text.as_str() {
                self.add(
                    at,
                    format!("it is trimmed and offers \"{text}\", which no trimmed text is"),
                );
            }
        }
    }

    fn versions(&mut self, at: &str, versions: &Versions) {
        if versions.accept.is_empty() {
            self.add(at, "it accepts no version");
        }
        for (place, accepted) in versions.accept.iter().enumerate() {
            let written = accepted.version.to_string();
            let before = versions.accept.iter().take(place);
            if before
                .clone()
                .any(|other| other.policy.takes(other.version, accepted.version))
            {
                self.add(
                    at,
                    format!("it accepts {written} twice: the first entry that takes a version counts, so the narrower one comes first"),
                );
            }
            if versions.read(&written) == Err("malformed") {
                self.add(
                    at,
                    format!("it accepts {written}, which is not of its form"),
                );
            }
        }
    }

    fn list(&mut self, at: &str, list: &List, depth: usize) {
        self.depth(at, depth);
        self.range(at, list.min_items, list.max_items);
        if list
            .min_items
            .is_some_and(|least| least > self.limits.items)
        {
            self.add(at, "it wants more items than the limits allow");
        }
        if list.bad_item == BadItem::Drop && list.min_items.is_some_and(|least| least > 0) {
            self.add(
                at,
                "it drops bad items and wants some: what is left may be none",
            );
        }
        if let Some(name) = &list.unique_by {
            let field = match &*list.item {
                Shape::Object(item) => item.field(name),
                _ => None,
            };
            if !field.is_some_and(|(_, field)| is_scalar(&field.shape)) {
                self.add(
                    at,
                    format!("its items have no text or integer `{name}` to differ in"),
                );
            }
        }
        self.shape(&format!("{at}/*"), &list.item, depth + 1);
    }

    fn object(&mut self, at: &str, object: &Object, depth: usize, root: bool) {
        self.depth(at, depth);
        let mut seen = HashSet::new();
        for field in &object.fields {
            let at = format!("{at}/{}", field.name);
            if !seen.insert(&field.name) {
                self.add(&at, "there are two fields of this name");
            }
            if field.name.is_empty() {
                self.add(&at, "a field has no name");
            }
            match &field.shape {
                Shape::Version(versions) if root => {
                    self.versions(&at, versions);
                    if !field.required || field.nullable || field.sensitive {
                        self.add(&at, "a version is required, and neither null nor sensitive");
                    }
                }
                shape => self.shape(&at, shape, depth + 1),
            }
        }
        for rule in &object.rules {
            self.rule(at, object, rule);
        }
    }

    fn rule(&mut self, at: &str, object: &Object, rule: &Rule) {
        let said = rule.described();
        let (code, reason) = rule.verdict();
        self.code(at, code);
        if !code.permits(reason) {
            self.add(at, format!("the rule that {said} cannot be reported as `{code}`: that has no reason `{reason}`"));
        }
        let fields = rule.fields();
        for name in &fields {
            if object.field(name).is_none() {
                self.add(
                    at,
                    format!("the rule that {said} names a field `{name}`, which is not there"),
                );
            }
        }
        let is = |name: &str, wanted: fn(&Shape) -> bool| {
            object
                .field(name)
                .is_none_or(|(_, field)| wanted(&field.shape))
        };
        let fits = match &rule.test {
            Test::NotLess { field, than } => is(field, is_integer) && is(than, is_integer),
            Test::Among { field, .. } => is(field, is_text),
            Test::RequiredWith {
                with,
                being: Some(_),
                ..
            } => is(with, is_text),
            Test::RequiredWith { .. } => true,
            Test::AnyOf(fields) | Test::AtMostOneOf(fields) => fields.len() > 1,
            Test::Check(name) => {
                if !self.checks.contains(name.as_str()) {
                    self.add(at, format!("it wants the check `{name}`, which only a program has that registers it"));
                }
                true
            }
        };
        if !fits {
            self.add(at, format!("the rule that {said} does not fit its fields"));
        }
        if is_hopeless(object, &rule.test) {
            self.add(
                at,
                format!("the rule that {said} can never hold, or is never asked"),
            );
        }
    }

    fn depth(&mut self, at: &str, depth: usize) {
        if depth == self.limits.depth + 1 {
            self.add(
                at,
                format!(
                    "it is deeper than its limit of {} allows",
                    self.limits.depth
                ),
            );
        }
    }
}

/// Whether the fields of a rule leave it nothing to decide.
fn is_hopeless(object: &Object, test: &Test) -> bool {
    let field = |name: &String| object.field(name).map(|(_, field)| field);
    let required = |name: &String| field(name).is_some_and(|field| field.required);
    match test {
        Test::AtMostOneOf(names) => names.iter().filter(|name| required(name)).count() > 1,
        Test::NotLess { field: high, than } => {
            let ends = |name| match &field(name)?.shape {
                Shape::Integer(integer) => Some((integer.min, integer.max)),
                _ => None,
            };
            let apart = match (ends(high), ends(than)) {
                (Some((_, Some(most))), Some((Some(least), _))) => most < least,
                _ => false,
            };
            apart && required(high) && required(than)
        }
        Test::RequiredWith {
            with,
            being: Some(text),
            ..
        } => match field(with).map(|field| &field.shape) {
            Some(Shape::Choice(choice)) => !choice.of.contains(text),
            _ => false,
        },
        _ => false,
    }
}

fn is_integer(shape: &Shape) -> bool {
    matches!(shape, Shape::Integer(_))
}

fn is_text(shape: &Shape) -> bool {
    matches!(shape, Shape::Text(_) | Shape::Choice(_))
}

fn is_scalar(shape: &Shape) -> bool {
    is_integer(shape) || is_text(shape)
}
