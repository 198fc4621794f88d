//! A contract as a JSON Schema, for programs that know those.

use super::coercion::Coercion;
use super::members::{Json, Members};
use super::rule::{Rule, Test};
use super::shape::{Choice, Integer, List, Number, Object, Shape, Text, Unknown};
use super::version::{Accepted, VersionForm, VersionPolicy, Versions};
use super::{Contract, Field, Limits};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

impl Contract {
    /// Its JSON Schema, draft 2020-12: of documents in which nothing has to be put right.
    ///
    /// Every value that [`Contract::read`] accepts is valid by it, and what is valid by it is accepted
    /// without a repair, but for what no schema can say: that stands in its `$comment`s. Validators also
    /// take 1.0 for an integer, which a reader does not. A [`Pattern`](super::Pattern) is taken over as it
    /// was written: what only this reader knows, as `(?i)` or `\z`, is none to a validator.
    ///
    /// ```
    /// use queue_core::contract::{Contract, Field, Integer, Object};
    /// let order = Object::of([Field::required("line", Integer::new().at_least(1).or_digits())]);
    /// let schema = Contract::of("order", order).build().unwrap().json_schema();
    /// assert_eq!(schema["properties"]["line"]["minimum"], 1);
    /// assert_eq!(schema["required"], serde_json::json!(["line"]));
    /// assert_eq!(schema["additionalProperties"], false);
    /// ```
    #[must_use]
    pub fn json_schema(&self) -> serde_json::Value {
        // There is nothing in it that JSON cannot say: numbers were checked to be finite.
        serde_json::to_value(document(self)).unwrap_or_default()
    }

    /// [`Contract::json_schema`] as a text for a file, with fields in the order of the contract.
    ///
    /// ```
    /// use queue_core::contract::{Contract, Field, Object, Shape};
    /// let note = Object::of([Field::optional("z", Shape::Any), Field::optional("a", Shape::Any)]);
    /// let text = Contract::of("note", note).build().unwrap().json_schema_text();
    /// assert!(text.find("\"z\"") < text.find("\"a\""));
    /// ```
    #[must_use]
    pub fn json_schema_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(&document(self)).unwrap_or_default();
        text.push('\n');
        text
    }
}

fn document(contract: &Contract) -> Json {
    let file = contract.file();
    let mut schema = Members::default()
        .with("$schema", DRAFT)
        .with("title", file.name.as_str());
    if !file.about.is_empty() {
        schema.push("description", file.about.as_str());
    }
    let Limits {
        bytes,
        depth,
        items,
        ..
    } = file.limits;
    let mut unsaid = vec![
        format!(
            "a document has at most {bytes} bytes, is nested at most {depth} deep, and has at most \
             {items} items in a list and keys in an object"
        ),
        "no object has a key twice, and an integer is written without a fraction or an exponent"
            .to_owned(),
    ];
    let root = shape(&file.root, Place::Alone);
    unsaid.extend(root.unsaid);
    schema.extend(root.members);
    schema.push("$comment", comment(&unsaid));
    schema.into()
}

/// What a value is in.
#[derive(Clone, Copy)]
enum Place<'c> {
    /// A list, or nothing.
    Alone,
    Field(&'c Field),
}

/// What is said of a value, and what cannot be.
#[derive(Default)]
struct Said {
    members: Members,
    /// Patterns that a text has, all of them.
    patterns: Vec<String>,
    /// Schemas that hold too.
    also: Vec<Members>,
    unsaid: Vec<String>,
}

impl Said {
    fn of(kind: &str, nullable: bool) -> Self {
        let kind = if nullable {
            Json::from(vec![kind, "null"])
        } else {
            Json::from(kind)
        };
        Self {
            members: Members::default().with("type", kind),
            ..Self::default()
        }
    }

    /// A schema has one `pattern` only; the others have to hold as well.
    fn done(mut self) -> Self {
        let mut patterns = std::mem::take(&mut self.patterns).into_iter();
        self.members.push_some("pattern", patterns.next());
        let more = patterns.map(|pattern| Members::default().with("pattern", pattern));
        let all: Vec<Members> = more.chain(std::mem::take(&mut self.also)).collect();
        if !all.is_empty() {
            self.members.push("allOf", all);
        }
        self
    }
}

fn comment(unsaid: &[String]) -> String {
    format!("Beside this schema: {}.", unsaid.join("; "))
}

fn shape(shape: &Shape, place: Place<'_>) -> Said {
    let nullable = matches!(place, Place::Field(field) if field.nullable);
    let said = match shape {
        Shape::Any => Said::default(),
        Shape::Boolean => Said::of("boolean", nullable),
        Shape::Integer(wanted) => integer(wanted, nullable),
        Shape::Number(wanted) => number(wanted, nullable),
        Shape::Text(wanted) => text(wanted, nullable),
        Shape::Choice(wanted) => choice(wanted, nullable, place),
        Shape::Version(versions) => version(versions),
        Shape::List(wanted) => list(wanted, nullable),
        Shape::Object(wanted) => object(wanted, nullable),
    };
    said.done()
}

fn field(field: &Field) -> Members {
    let said = shape(&field.shape, Place::Field(field));
    let mut members = Members::default();
    let about = match &field.shape {
        Shape::Version(versions) if field.about.is_empty() => {
            format!("{} is read.", versions.described())
        }
        Shape::Version(versions) => format!("{} {} is read.", field.about, versions.described()),
        _ => field.about.clone(),
    };
    if !about.is_empty() {
        members.push("description", about);
    }
    members.extend(said.members);
    if !said.unsaid.is_empty() {
        members.push("$comment", comment(&said.unsaid));
    }
    members
}

fn integer(wanted: &Integer, nullable: bool) -> Said {
    let mut said = Said::of("integer", nullable);
    let (min, max) = (
        wanted.min.unwrap_or(i64::MIN),
        wanted.max.unwrap_or(i64::MAX),
    );
    said.members.push("minimum", min);
    said.members.push("maximum", max);
    said
}

fn number(wanted: &Number, nullable: bool) -> Said {
    let mut said = Said::of("number", nullable);
    said.members.push_some("minimum", wanted.min);
    said.members.push_some("maximum", wanted.max);
    said
}

fn text(wanted: &Text, nullable: bool) -> Said {
    let mut said = Said::of("string", nullable);
    said.members.push_some("minLength", wanted.min_chars);
    said.members.push_some("maxLength", wanted.max_chars);
    let pattern = wanted.pattern.as_ref();
    said.patterns
        .extend(pattern.map(|pattern| pattern.as_str().to_owned()));
    // The same coercion twice is as good as once.
    for coercion in [Coercion::Trim, Coercion::Slashes, Coercion::NoLeadingDot] {
        if wanted.coerce.contains(&coercion) {
            said.patterns.push(put_right(coercion).to_owned());
        }
    }
    said
}

/// The pattern of texts in which a coercion changes nothing. Without look-around, which some validators
/// have not, and with the white space of Unicode spelled out: `\s` is another set in each of them.
fn put_right(coercion: Coercion) -> &'static str {
    match coercion {
        Coercion::Trim => concat!(
            r"^(?:[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
            r"(?:[^\u0000]*[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?)?$",
        ),
        Coercion::Slashes => r"^[^\\]*$",
        Coercion::NoLeadingDot => r"^(?:[^.]|\.[^/]|\.?$)",
    }
}

fn choice(wanted: &Choice, nullable: bool, place: Place<'_>) -> Said {
    let mut said = Said::of("string", nullable);
    // A required field that is empty is missing, even where the choice offers that.
    let blank_is_missing = matches!(place, Place::Field(field) if field.required);
    let offered = wanted
        .of
        .iter()
        .filter(|text| !(blank_is_missing && text.is_empty()));
    let mut offered: Vec<Json> = offered.map(|text| text.as_str().into()).collect();
    if nullable {
        offered.push(serde_json::Value::Null.into());
    }
    said.members.push("enum", offered);
    said
}

fn version(versions: &Versions) -> Said {
    let mut said = Said::of("string", false);
    let taken: Vec<_> = versions
        .accept
        .iter()
        .map(|accepted| taken(accepted, versions.form))
        .collect();
    said.patterns.push(match taken.as_slice() {
        [one] => format!("^{one}$"),
        several => format!("^(?:{})$", several.join("|")),
    });
    said
}

/// The pattern of the versions that are taken for one; it sets no end to the number of digits.
fn taken(accepted: &Accepted, form: VersionForm) -> String {
    const ANY: &str = "(?:0|[1-9][0-9]*)";
    let Accepted { version, policy } = accepted;
    let (major, minor, patch) = (version.major, version.minor, version.patch.unwrap_or(0));
    let any_patch = match form {
        VersionForm::MajorMinor => String::new(),
        VersionForm::MajorMinorPatch => format!(r"(?:\.{ANY})?"),
    };
    match policy {
        VersionPolicy::Exact => match (form, patch) {
            (VersionForm::MajorMinor, _) => format!(r"{major}\.{minor}"),
            (VersionForm::MajorMinorPatch, 0) => format!(r"{major}\.{minor}(?:\.0)?"),
            (VersionForm::MajorMinorPatch, _) => format!(r"{major}\.{minor}\.{patch}"),
        },
        VersionPolicy::MinorCompatible => {
            let minor = if minor == 0 {
                ANY.to_owned()
            } else {
                at_least(minor)
            };
            format!(r"{major}\.{minor}{any_patch}")
        }
        VersionPolicy::PatchDrift => format!(r"{major}\.{minor}{any_patch}"),
    }
}

/// The pattern of the numbers that are not less than this one, which is not 0.
fn at_least(least: u32) -> String {
    let text = least.to_string();
    let mut ways = vec![text.clone()];
    // The same digits up to a place, and there a greater one.
    for (place, digit) in text.char_indices().rev() {
        let (before, after) = (
            text.get(..place).unwrap_or_default(),
            text.len() - place - 1,
        );
        let greater = match digit {
            '9' => continue,
            '8' => "9".to_owned(),
            digit => format!("[{}-9]", char::from_u32(digit as u32 + 1).unwrap_or('9')),
        };
        ways.push(format!("{before}{greater}{}", digits(after)));
    }
    // More digits.
    ways.push(format!("[1-9][0-9]{{{},}}", text.len()));
    format!("(?:{})", ways.join("|"))
}

fn digits(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "[0-9]".to_owned(),
        more => format!("[0-9]{{{more}}}"),
    }
}

fn list(wanted: &List, nullable: bool) -> Said {
    let mut said = Said::of("array", nullable);
    said.members.push_some("minItems", wanted.min_items);
    said.members.push_some("maxItems", wanted.max_items);
    let item = shape(&wanted.item, Place::Alone);
    let mut members = item.members;
    if !item.unsaid.is_empty() {
        members.push("$comment", comment(&item.unsaid));
    }
    if !members.is_empty() {
        said.members.push("items", members);
    }
    if let Some(name) = &wanted.unique_by {
        said.unsaid
            .push(format!("no two items have the same `{name}`"));
    }
    said
}

fn object(wanted: &Object, nullable: bool) -> Said {
    let mut said = Said::of("object", nullable);
    if !wanted.fields.is_empty() {
        let mut properties = Members::default();
        for known in &wanted.fields {
            properties.push(known.name.as_str(), field(known));
        }
        said.members.push("properties", properties);
    }
    let required: Vec<&str> = wanted
        .fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name.as_str())
        .collect();
    if !required.is_empty() {
        said.members.push("required", required);
    }
    said.members
        .push("additionalProperties", wanted.unknown == Unknown::Keep);
    for wanted in &wanted.rules {
        rule(wanted, &mut said);
    }
    said
}

/// A rule as a schema that holds of null as well, where its object may be null.
fn rule(rule: &Rule, said: &mut Said) {
    let requires = |name: &str| Members::default().with("required", vec![name]);
    match &rule.test {
        Test::RequiredWith {
            field,
            with,
            being: None,
        } => {
            let needed = Members::default().with(with.as_str(), vec![field.as_str()]);
            said.also
                .push(Members::default().with("dependentRequired", needed));
        }
        Test::RequiredWith {
            field,
            with,
            being: Some(being),
        } => {
            let being = Members::default().with("const", being.as_str());
            let case = Members::default()
                .with("properties", Members::default().with(with.as_str(), being))
                .with("required", vec![with.as_str()]);
            said.also.push(
                Members::default()
                    .with("if", case)
                    .with("then", requires(field)),
            );
        }
        Test::AnyOf(fields) => {
            let ways: Vec<_> = fields.iter().map(|field| requires(field)).collect();
            said.also.push(Members::default().with("anyOf", ways));
        }
        Test::AtMostOneOf(fields) => {
            let mut rest = fields.as_slice();
            while let [one, others @ ..] = rest {
                for other in others {
                    let both = Members::default()
                        .with("type", "object")
                        .with("required", vec![one.as_str(), other.as_str()]);
                    said.also.push(Members::default().with("not", both));
                }
                rest = others;
            }
        }
        Test::NotLess { .. } | Test::Among { .. } | Test::Check(_) => {
            said.unsaid.push(rule.described());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::contract::Version;

    fn schema(root: impl Into<Shape>) -> Value {
        Contract::of("tried", root).build().unwrap().json_schema()
    }

    fn of_field(field: Field) -> Value {
        let schema = schema(Object::of([field]));
        schema["properties"]["f"].clone()
    }

    fn is_found(pattern: &str, text: &str) -> bool {
        regex_lite::Regex::new(pattern).unwrap().is_match(text)
    }

    #[test]
    fn scalars_have_their_types_and_ranges() {
        let boolean = Field::required("f", Shape::Boolean);
        assert_eq!(of_field(boolean), json!({"type": "boolean"}));
        let integer = Field::required("f", Integer::new().at_least(1)).about("How many.");
        assert_eq!(
            of_field(integer),
            json!({"description": "How many.", "type": "integer", "minimum": 1, "maximum": i64::MAX})
        );
        let number = Field::optional("f", Number::new().at_most(0.5)).nullable();
        assert_eq!(
            of_field(number),
            json!({"type": ["number", "null"], "maximum": 0.5})
        );
        assert_eq!(of_field(Field::required("f", Shape::Any)), json!({}));
    }

    #[test]
    fn a_choice_that_may_be_null_lists_null() {
        let choice = Field::optional("f", Choice::of(["a", "b"])).nullable();
        assert_eq!(
            of_field(choice),
            json!({"type": ["string", "null"], "enum": ["a", "b", null]})
        );
        // An empty text is no value of a required field, and one of an optional field.
        let required = Field::required("f", Choice::of(["", "b"]));
        assert_eq!(of_field(required)["enum"], json!(["b"]));
        let optional = Field::optional("f", Choice::of(["", "b"]));
        assert_eq!(of_field(optional)["enum"], json!(["", "b"]));
    }

    #[test]
    fn several_patterns_hold_together() {
        let text = Text::new().file_path().pattern("s$".parse().unwrap());
        let said = of_field(Field::required("f", text));
        assert_eq!(said["pattern"], "s$");
        assert_eq!(said["allOf"].as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn a_text_put_right_is_of_the_pattern_and_no_other() {
        let texts = [
            "",
            " ",
            "a",
            "a ",
            " a",
            "a b",
            "a\nb",
            "a\n",
            "\u{3000}a",
            "a\u{85}",
            "\u{feff}",
            "./a",
            "././",
            ".",
            "..",
            "../a",
            ".a",
            "a\\b",
            "\\",
            " ./a",
            "a./b",
            "\u{200b}",
            "é",
            "\n./",
        ];
        for coercion in [Coercion::Trim, Coercion::Slashes, Coercion::NoLeadingDot] {
            for text in texts {
                let same = super::super::coercion::coerced(&[coercion], text) == text;
                assert_eq!(
                    is_found(put_right(coercion), text),
                    same,
                    "{coercion:?} {text:?}"
                );
            }
        }
    }

    #[test]
    fn versions_are_taken_as_the_contract_takes_them() {
        let policies = [
            VersionPolicy::Exact,
            VersionPolicy::MinorCompatible,
            VersionPolicy::PatchDrift,
        ];
        let read = [
            "1.0", "1.7", "1.8", "1.9", "1.12", "1.99", "1.100", "1.0.0", "1.8.2", "2.1",
        ];
        let mut found: Vec<String> = (0..130).map(|minor| format!("1.{minor}")).collect();
        let more = [
            "2.1", "1", "1.", "01.0", "1.00", "1.8.2", "1.8.0", "1.8.20", "1.8.", "11.8", "1.88",
            "1.1000", "x1.8", "1.8x", "1.99.7", "2.1.0.0", "1.008",
        ];
        found.extend(more.map(str::to_owned));
        for form in [VersionForm::MajorMinor, VersionForm::MajorMinorPatch] {
            for (version, policy) in read
                .iter()
                .flat_map(|read| policies.map(|policy| (read, policy)))
            {
                let version: Version = version.parse().unwrap();
                if form == VersionForm::MajorMinor && version.patch.is_some() {
                    continue;
                }
                let accepted = Accepted { version, policy };
                let pattern = format!("^{}$", taken(&accepted, form));
                let versions = Versions {
                    form,
                    accept: vec![accepted],
                };
                for found in &found {
                    let wanted = versions.read(found).is_ok();
                    assert_eq!(
                        is_found(&pattern, found),
                        wanted,
                        "{accepted:?} {found} {pattern}"
                    );
                }
            }
        }
    }

    #[test]
    fn rules_are_said_where_a_schema_can_say_them() {
        let any = |name: &str| Field::optional(name, Shape::Any);
        let rules = Object::of([any("a"), any("b"), Field::optional("c", Text::new())])
            .rule(Rule::required_with("a", "b"))
            .rule(Rule::required_when("a", "c", "x"))
            .rule(Rule::any_of(["a", "b"]))
            .rule(Rule::at_most_one_of(["a", "b", "c"]))
            .rule(Rule::among("c", "known"));
        let schema = schema(rules);
        let both = |one, other| json!({"not": {"type": "object", "required": [one, other]}});
        assert_eq!(
            schema["allOf"],
            json!([
                {"dependentRequired": {"b": ["a"]}},
                {
                    "if": {"properties": {"c": {"const": "x"}}, "required": ["c"]},
                    "then": {"required": ["a"]},
                },
                {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
                both("a", "b"),
                both("a", "c"),
                both("b", "c"),
            ])
        );
        let comment = schema["$comment"].as_str().unwrap();
        assert!(comment.ends_with("; `c` is one of `known`."), "{comment}");
    }

    #[test]
    fn objects_that_keep_unknown_keys_are_open() {
        assert_eq!(schema(Object::open())["additionalProperties"], true);
        for unknown in [Unknown::Reject, Unknown::Drop] {
            let closed = schema(Object::default().unknown(unknown));
            assert_eq!(closed["additionalProperties"], false);
        }
    }

    #[test]
    fn what_a_list_cannot_say_is_a_comment() {
        let item = Object::of([Field::required("id", Text::new())]);
        let list = List::of(item).max_items(3).unique_by("id");
        let said = of_field(Field::required("f", list));
        assert_eq!(
            (&said["type"], &said["maxItems"]),
            (&json!("array"), &json!(3))
        );
        let comment = "Beside this schema: no two items have the same `id`.";
        assert_eq!(said["$comment"], comment);
    }
}
