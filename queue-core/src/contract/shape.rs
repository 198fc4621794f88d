//! What a value may be: the parts that contracts are built of.

use serde::{Deserialize, Serialize};

use super::coercion::Coercion;
use super::pattern::Pattern;
use super::rule::Rule;
use super::version::Versions;
use crate::catalogue::Code;

/// What a value may be.
///
/// ```
/// use queue_core::contract::{Integer, Shape};
/// let line: Shape = Integer::new().at_least(1).into();
/// assert_eq!(serde_json::to_string(&line).unwrap(), r#"{"type":"integer","min":1}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shape {
    /// Whatever it is.
    Any,
    /// True or false.
    Boolean,
    /// A whole number of 64 bits.
    Integer(Integer),
    /// A number.
    Number(Number),
    /// A text.
    Text(Text),
    /// One of some texts.
    Choice(Choice),
    /// The version that the document is of; only at the top of a contract.
    Version(Versions),
    /// Items of one shape.
    List(List),
    /// Named fields.
    Object(Object),
}

macro_rules! into_shape {
    ($($part:ident),+) => {
        $(impl From<$part> for Shape {
            fn from(part: $part) -> Self {
                Self::$part(part)
            }
        })+
    };
}

into_shape!(Integer, Number, Text, Choice, List, Object);

impl From<Versions> for Shape {
    fn from(versions: Versions) -> Self {
        Self::Version(versions)
    }
}

/// A whole number of 64 bits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Integer {
    /// The least that is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// The greatest that is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Whether a text of ASCII digits is read as the number, which is a repair.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub digits: bool,
    /// The code of a number out of range; `schema_mismatch` if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
}

impl Integer {
    /// Any integer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Not less.
    #[must_use]
    pub fn at_least(mut self, min: i64) -> Self {
        self.min = Some(min);
        self
    }

    /// Not more.
    #[must_use]
    pub fn at_most(mut self, max: i64) -> Self {
        self.max = Some(max);
        self
    }

    /// A text of ASCII digits is read as the number.
    #[must_use]
    pub fn or_digits(mut self) -> Self {
        self.digits = true;
        self
    }

    /// Out of range is this code.
    #[must_use]
    pub fn code(mut self, code: Code) -> Self {
        self.code = Some(code);
        self
    }
}

/// A number, whole or not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// The least that is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest that is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

impl Number {
    /// Any number.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Not less.
    #[must_use]
    pub fn at_least(mut self, min: f64) -> Self {
        self.min = Some(min);
        self
    }

    /// Not more.
    #[must_use]
    pub fn at_most(mut self, max: f64) -> Self {
        self.max = Some(max);
        self
    }
}

/// A text. Its length is counted in characters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// The fewest characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_chars: Option<usize>,
    /// The most characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<usize>,
    /// What is found in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Pattern>,
    /// What is put right in it, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coerce: Vec<Coercion>,
}

impl Text {
    /// Any text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Not without a character. A required field with a text of this kind that is empty is missing.
    #[must_use]
    pub fn not_empty(self) -> Self {
        self.min_chars(1)
    }

    /// At least so many characters.
    #[must_use]
    pub fn min_chars(mut self, chars: usize) -> Self {
        self.min_chars = Some(chars);
        self
    }

    /// At most so many characters.
    #[must_use]
    pub fn max_chars(mut self, chars: usize) -> Self {
        self.max_chars = Some(chars);
        self
    }

    /// The pattern is found in it; `^` and `$` tie it to the ends.
    #[must_use]
    pub fn pattern(mut self, pattern: Pattern) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// White space around it is taken off.
    #[must_use]
    pub fn trimmed(self) -> Self {
        self.coerce(Coercion::Trim)
    }

    /// It is the path of a file, with slashes and without `./` before it.
    #[must_use]
    pub fn file_path(self) -> Self {
        self.trimmed()
            .coerce(Coercion::Slashes)
            .coerce(Coercion::NoLeadingDot)
    }

    fn coerce(mut self, coercion: Coercion) -> Self {
        self.coerce.push(coercion);
        self
    }
}

/// One of some texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The texts.
    pub of: Vec<String>,
    /// Whether white space around it is taken off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trim: bool,
}

impl Choice {
    /// One of these.
    pub fn of<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self {
            of: texts.into_iter().map(Into::into).collect(),
            trim: false,
        }
    }

    /// White space around it is taken off.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        self.trim = true;
        self
    }
}

/// What a bad item costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadItem {
    /// The whole that the list belongs to.
    #[default]
    Reject,
    /// The item.
    Drop,
}

/// Items of one shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Of which shape.
    pub item: Box<Shape>,
    /// The fewest items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_items: Option<usize>,
    /// The most items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<usize>,
    /// What a bad item costs.
    #[serde(default)]
    pub bad_item: BadItem,
    /// The field in which no two items may be alike: a later one is bad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_by: Option<String>,
}

impl List {
    /// Of items of this shape.
    pub fn of(item: impl Into<Shape>) -> Self {
        Self {
            item: Box::new(item.into()),
            min_items: None,
            max_items: None,
            bad_item: BadItem::Reject,
            unique_by: None,
        }
    }

    /// A bad item is left out, and the others are read.
    #[must_use]
    pub fn drop_bad_items(mut self) -> Self {
        self.bad_item = BadItem::Drop;
        self
    }

    /// At least so many items.
    #[must_use]
    pub fn min_items(mut self, items: usize) -> Self {
        self.min_items = Some(items);
        self
    }

    /// At most so many items.
    #[must_use]
    pub fn max_items(mut self, items: usize) -> Self {
        self.max_items = Some(items);
        self
    }

    /// No two items are alike in this field.
    #[must_use]
    pub fn unique_by(mut self, field: impl Into<String>) -> Self {
        self.unique_by = Some(field.into());
        self
    }
}

/// What a key costs that an object has no field for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// The object.
    #[default]
    Reject,
    /// The key with its value.
    Drop,
    /// Nothing; its value may be anything.
    Keep,
}

/// Named fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// The fields, in the order in which people read of them.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// What another key costs.
    #[serde(default)]
    pub unknown: Unknown,
    /// What must hold of several fields together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
}

impl Object {
    /// With these fields and no others.
    pub fn of(fields: impl IntoIterator<Item = Field>) -> Self {
        Self {
            fields: fields.into_iter().collect(),
            unknown: Unknown::Reject,
            rules: Vec::new(),
        }
    }

    /// Whatever it has in it.
    #[must_use]
    pub fn open() -> Self {
        Self::default().unknown(Unknown::Keep)
    }

    /// What a key costs that it has no field for.
    #[must_use]
    pub fn unknown(mut self, unknown: Unknown) -> Self {
        self.unknown = unknown;
        self
    }

    /// This must hold too.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// A field by its name, and its place.
    pub(super) fn field(&self, name: &str) -> Option<(usize, &Field)> {
        let mut fields = self.fields.iter().enumerate();
        fields.find(|(_, field)| field.name == name)
    }
}

/// One named field of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What its value may be.
    pub shape: Shape,
    /// Whether an object without it is bad.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether it may be null.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nullable: bool,
    /// Whether no diagnostic may show a value of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// What it says, for people and models.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
}

impl Field {
    /// An object without it is bad.
    pub fn required(name: impl Into<String>, shape: impl Into<Shape>) -> Self {
        Self {
            required: true,
            ..Self::optional(name, shape)
        }
    }

    /// It may be left out.
    pub fn optional(name: impl Into<String>, shape: impl Into<Shape>) -> Self {
        Self {
            name: name.into(),
            shape: shape.into(),
            required: false,
            nullable: false,
            sensitive: false,
            about: String::new(),
        }
    }

    /// It may be null.
    #[must_use]
    pub fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// No diagnostic shows a value of it.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// What it says.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }
}
