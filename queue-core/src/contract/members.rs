//! JSON whose members stay in the order in which they were written.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A JSON value to be written. `serde_json` would sort the members of objects, and people read schemas in
/// the order of the contract.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Scalar(Value),
    List(Vec<Json>),
    Object(Members),
}

/// The members of an object, in order. A name is written once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Members(Vec<(String, Json)>);

impl Members {
    /// With one more member.
    pub(super) fn with(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.push(name, value);
        self
    }

    /// One more member.
    pub(super) fn push(&mut self, name: impl Into<String>, value: impl Into<Json>) {
        self.0.push((name.into(), value.into()));
    }

    /// One more member, if there is a value.
    pub(super) fn push_some<T: Into<Json>>(&mut self, name: &str, value: Option<T>) {
        if let Some(value) = value {
            self.push(name, value);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Extend<(String, Json)> for Members {
    fn extend<I: IntoIterator<Item = (String, Json)>>(&mut self, members: I) {
        self.0.extend(members);
    }
}

impl IntoIterator for Members {
    type Item = (String, Json);
    type IntoIter = std::vec::IntoIter<(String, Json)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<Members> for Json {
    fn from(members: Members) -> Self {
        Self::Object(members)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

macro_rules! scalar {
    ($($kind:ty),+) => {
        $(impl From<$kind> for Json {
            fn from(value: $kind) -> Self {
                Self::Scalar(value.into())
            }
        })+
    };
}

scalar!(Value, &str, String, bool, i64, usize, f64);

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(value) => value.serialize(serializer),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Object(members) => members.serialize(serializer),
        }
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            object.serialize_entry(name, value)?;
        }
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stay_in_order() {
        let json = Json::from(Members::default().with("b", 1_i64).with("a", vec!["x"]));
        assert_eq!(
            serde_json::to_string(&json).unwrap(),
            r#"{"b":1,"a":["x"]}"#
        );
    }
}
