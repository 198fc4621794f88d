//! What a reader is given beside the document.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

/// What a document is compared with, and what its diagnostics are tied to.
///
/// ```
/// use queue_core::contract::ReadContext;
/// let change = ReadContext::new()
///     .list("changed_files", ["src/a.rs", "src/b.rs"])
///     .correlation_id("change 4711");
/// ```
#[derive(Debug, Clone, Default)]
pub struct ReadContext {
    values: BTreeMap<String, Value>,
    correlation_id: Option<Arc<str>>,
}

impl ReadContext {
    /// With nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With the members of a JSON object; one named `correlation_id` is taken as such.
    #[must_use]
    pub fn from_object(object: serde_json::Map<String, Value>) -> Self {
        let mut context = Self::new();
        for (name, value) in object {
            context = match value {
                Value::String(id) if name == "correlation_id" => context.correlation_id(id),
                value => context.value(name, value),
            };
        }
        context
    }

    /// With a list of texts, for [`Rule::among`](super::Rule::among).
    #[must_use]
    pub fn list<T: Into<String>>(
        self,
        name: impl Into<String>,
        texts: impl IntoIterator<Item = T>,
    ) -> Self {
        let texts: Vec<Value> = texts
            .into_iter()
            .map(|text| Value::String(text.into()))
            .collect();
        self.value(name, Value::Array(texts))
    }

    /// With any value, for checks of the program.
    #[must_use]
    pub fn value(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.values.insert(name.into(), value.into());
        self
    }

    /// Every diagnostic carries it.
    #[must_use]
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.correlation_id = Some(Arc::from(id.into()));
        self
    }

    /// A value by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    pub(super) fn correlation(&self) -> Option<Arc<str>> {
        self.correlation_id.clone()
    }
}
