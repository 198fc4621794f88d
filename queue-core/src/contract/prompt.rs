//! A contract as the part of a model's prompt that says what to write.

use super::coercion::Coercion;
use super::rule::{Rule, Test};
use super::shape::{Integer, List, Number, Object, Shape, Text, Unknown};
use super::version::Versions;
use super::{Contract, Field};

/// What is written in a prompt, line by line.
struct Prompt {
    text: String,
}

impl Contract {
    /// What a model's prompt has to say of the document that is wanted: the fields with their types,
    /// ranges and choices, the versions to write, and the rules in words.
    ///
    /// The same contract gives the same text. Checks of the program are left out: their names say
    /// nothing to who does not have the program.
    ///
    /// ```
    /// use queue_core::contract::{Choice, Contract, Field, Object};
    /// let note = Object::of([Field::required("mood", Choice::of(["good", "bad"])).about("How it is.")]);
    /// let prompt = Contract::of("note", note).build().unwrap().prompt_fields();
    /// assert!(prompt.ends_with("- `mood` (required): \"good\" or \"bad\". How it is.\n"), "{prompt}");
    /// ```
    #[must_use]
    pub fn prompt_fields(&self) -> String {
        let root = &self.file().root;
        let mut prompt = Prompt {
            text: format!(
                "Answer with {} in strict JSON and nothing else: ",
                noun(root)
            ),
        };
        prompt
            .text
            .push_str("no text before or after it, no code fence around it, no comments in it.");
        match root {
            Shape::Object(object) => {
                prompt.text.push_str(&keys(object));
                prompt.text.push_str("\n\n");
                prompt.object(object, 0);
            }
            shape => {
                let wanted = wanted(shape);
                prompt.text.push_str(&format!(" It is {wanted}"));
                prompt.text.push_str(if nested(shape).is_some() {
                    ":\n"
                } else {
                    ".\n"
                });
                prompt.inside(shape, 0);
            }
        }
        prompt.text
    }
}

impl Prompt {
    fn line(&mut self, indent: usize, text: &str) {
        self.text.push_str(&"  ".repeat(indent));
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn object(&mut self, object: &Object, indent: usize) {
        for field in &object.fields {
            self.field(field, indent);
        }
        for rule in &object.rules {
            if let Some(words) = in_words(rule) {
                self.line(indent, &format!("- Rule: {words}."));
            }
        }
    }

    fn field(&mut self, field: &Field, indent: usize) {
        let need = if field.required {
            "required"
        } else {
            "optional"
        };
        let mut line = format!("- `{}` ({need}): {}", field.name, wanted(&field.shape));
        if field.nullable {
            line.push_str(", or null");
        }
        line.push('.');
        if !field.about.is_empty() {
            line.push(' ');
            line.push_str(&field.about);
        }
        if let Some(object) = nested(&field.shape) {
            line.push_str(match field.shape {
                Shape::Object(_) => " Its keys",
                _ => " The keys of each",
            });
            line.push_str(if object.unknown == Unknown::Keep {
                ", beside any others:"
            } else {
                ", and no others:"
            });
        }
        self.line(indent, &line);
        self.inside(&field.shape, indent + 1);
    }

    fn inside(&mut self, shape: &Shape, indent: usize) {
        if let Some(object) = nested(shape) {
            self.object(object, indent);
        }
    }
}

/// The object of which there are fields to tell: the shape itself, or what a list has in it.
fn nested(shape: &Shape) -> Option<&Object> {
    match shape {
        Shape::Object(object) if !object.fields.is_empty() => Some(object),
        Shape::List(list) => nested(&list.item),
        _ => None,
    }
}

fn keys(object: &Object) -> String {
    if object.fields.is_empty() {
        return String::new();
    }
    let others = if object.unknown == Unknown::Keep {
        "Write these keys; others may follow."
    } else {
        "Write these keys and no others."
    };
    let mut text = format!(" {others}");
    if object.fields.iter().any(|field| !field.required) {
        text.push_str(
            " Leave out an optional key that has nothing to say, rather than write null.",
        );
    }
    text
}

fn noun(shape: &Shape) -> &'static str {
    match shape {
        Shape::Any | Shape::Version(_) => "one value",
        Shape::Boolean => "one boolean",
        Shape::Integer(_) | Shape::Number(_) => "one number",
        Shape::Text(_) | Shape::Choice(_) => "one text",
        Shape::List(_) => "one array",
        Shape::Object(_) => "one object",
    }
}

/// What a value has to be, in words.
pub(super) fn wanted(shape: &Shape) -> String {
    match shape {
        Shape::Any => "anything".to_owned(),
        Shape::Boolean => "true or false".to_owned(),
        Shape::Integer(wanted) => integer(wanted),
        Shape::Number(wanted) => number(wanted),
        Shape::Text(wanted) => text(wanted),
        Shape::Choice(choice) => either(&choice.of),
        Shape::Version(versions) => version(versions),
        Shape::List(list) => items(list),
        Shape::Object(object) if object.fields.is_empty() && object.unknown == Unknown::Keep => {
            "an object with any keys".to_owned()
        }
        Shape::Object(object) if object.fields.is_empty() => "an empty object".to_owned(),
        Shape::Object(_) => "an object".to_owned(),
    }
}

/// The highest of the versions that are taken: who writes anew writes that.
fn version(versions: &Versions) -> String {
    let highest = versions.accept.iter().map(|accepted| accepted.version);
    match highest.max() {
        Some(version) => format!("exactly \"{version}\""),
        None => "a version".to_owned(),
    }
}

fn integer(wanted: &Integer) -> String {
    match range(wanted.min, wanted.max) {
        Some(range) => format!("an integer, {range}"),
        None => "an integer".to_owned(),
    }
}

fn number(wanted: &Number) -> String {
    match range(wanted.min, wanted.max) {
        Some(range) => format!("a number, {range}"),
        None => "a number".to_owned(),
    }
}

fn text(wanted: &Text) -> String {
    let is_path = wanted.coerce.contains(&Coercion::Slashes);
    let mut said = match (wanted.min_chars, wanted.max_chars) {
        (Some(1), None) => "a text that is not empty".to_owned(),
        (None | Some(0), None) => "a text".to_owned(),
        (Some(least), None) => format!("a text of at least {least} characters"),
        (None | Some(0), Some(most)) => format!("a text of at most {most} characters"),
        (Some(least), Some(most)) if least == most => format!("a text of {least} characters"),
        (Some(least), Some(most)) => format!("a text of {least} to {most} characters"),
    };
    if is_path {
        said.push_str(", with `/` and not `\\` between the parts of a path");
    }
    if wanted.coerce.contains(&Coercion::NoLeadingDot) {
        said.push_str(", without `./` before it");
    }
    if let Some(pattern) = &wanted.pattern {
        said.push_str(&format!(
            ", that the regular expression `{}` matches",
            pattern.as_str()
        ));
    }
    said
}

fn items(list: &List) -> String {
    let what = match &*list.item {
        Shape::Any => "values of any kind".to_owned(),
        Shape::Object(object) if object.fields.is_empty() => "objects with any keys".to_owned(),
        Shape::Object(_) => "objects".to_owned(),
        item => format!("values, each {}", wanted(item)),
    };
    let mut said = match (list.min_items, list.max_items) {
        (None | Some(0), None) => format!("an array of {what}"),
        (Some(least), None) => format!("an array of at least {least} {what}"),
        (None | Some(0), Some(most)) => format!("an array of at most {most} {what}"),
        (Some(least), Some(most)) => format!("an array of {least} to {most} {what}"),
    };
    if let Some(name) = &list.unique_by {
        said.push_str(&format!(", no two with the same `{name}`"));
    }
    said
}

fn range<T: std::fmt::Display>(min: Option<T>, max: Option<T>) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) => Some(format!("{min} to {max}")),
        (Some(min), None) => Some(format!("at least {min}")),
        (None, Some(max)) => Some(format!("at most {max}")),
        (None, None) => None,
    }
}

fn either(texts: &[String]) -> String {
    // As JSON writes them, so that they can be taken over as they are.
    let texts: Vec<_> = texts
        .iter()
        .map(|text| serde_json::Value::from(text.as_str()).to_string())
        .collect();
    match texts.split_last() {
        Some((last, before)) if !before.is_empty() => {
            format!("{} or {last}", before.join(", "))
        }
        _ => texts.concat(),
    }
}

fn in_words(rule: &Rule) -> Option<String> {
    match &rule.test {
        Test::Check(_) => None,
        Test::NotLess { .. } => Some(format!("{}, where both are there", rule.described())),
        Test::Among { field, context } => Some(format!(
            "`{field}` is one of the list `{context}` that goes with this task, written as it is there"
        )),
        _ => Some(rule.described()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Choice, VersionPolicy};

    fn prompt(root: impl Into<Shape>) -> String {
        let contract = Contract::of("tried", root).build().unwrap();
        contract.prompt_fields()
    }

    #[test]
    fn ranges_and_lengths_are_said() {
        for (shape, words) in [
            (Shape::from(Integer::new()), "an integer"),
            (Integer::new().at_least(1).into(), "an integer, at least 1"),
            (Integer::new().at_most(9).into(), "an integer, at most 9"),
            (
                Number::new().at_least(0.0).at_most(0.5).into(),
                "a number, 0 to 0.5",
            ),
            (Text::new().into(), "a text"),
            (Text::new().not_empty().into(), "a text that is not empty"),
            (
                Text::new().min_chars(2).max_chars(4).into(),
                "a text of 2 to 4 characters",
            ),
            (
                Text::new().max_chars(4).into(),
                "a text of at most 4 characters",
            ),
            (Choice::of(["a\"b"]).into(), r#""a\"b""#),
            (Choice::of(["a", "b", "c"]).into(), r#""a", "b" or "c""#),
            (
                List::of(Integer::new()).max_items(3).into(),
                "an array of at most 3 values, each an integer",
            ),
            (Object::open().into(), "an object with any keys"),
        ] {
            assert_eq!(wanted(&shape), words);
        }
    }

    #[test]
    fn the_highest_version_is_written() {
        let versions = Versions::major_minor()
            .accept("2.0".parse().unwrap(), VersionPolicy::Exact)
            .accept("1.9".parse().unwrap(), VersionPolicy::MinorCompatible);
        let text = prompt(Object::of([Field::required("v", versions)]));
        assert!(
            text.contains("- `v` (required): exactly \"2.0\".\n"),
            "{text}"
        );
    }

    #[test]
    fn nested_fields_are_indented_and_rules_follow() {
        let inner = Object::of([
            Field::optional("from", Integer::new()),
            Field::optional("to", Integer::new()).nullable(),
        ])
        .rule(Rule::not_less("to", "from"));
        let text = prompt(Object::of([Field::required("ranges", List::of(inner))]));
        let wanted = "
- `ranges` (required): an array of objects. The keys of each, and no others:
  - `from` (optional): an integer.
  - `to` (optional): an integer, or null.
  - Rule: `to` is not less than `from`, where both are there.
";
        assert!(text.ends_with(wanted), "{text}");
    }

    #[test]
    fn a_document_need_not_be_an_object() {
        let text = prompt(List::of(Object::of([Field::required("a", Shape::Boolean)])));
        assert!(
            text.starts_with("Answer with one array in strict JSON"),
            "{text}"
        );
        assert!(
            text.ends_with(" It is an array of objects:\n- `a` (required): true or false.\n"),
            "{text}"
        );
    }
}
