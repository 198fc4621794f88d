//! Where in a file a key stands.

use toml::de::{DeTable, DeValue};

/// A file, and where in it things are.
pub(super) struct Lines<'a> {
    file: &'a str,
    text: &'a str,
    tree: Option<DeTable<'a>>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(file: &'a str, text: &'a str) -> Self {
        // Whoever comes here has read the text already: it is TOML.
        let tree = DeTable::parse(text).ok().map(toml::Spanned::into_inner);
        Self { file, text, tree }
    }

    /// The file and the line of the last of these keys that is there. A number is a place in a list.
    pub(super) fn place(&self, path: &[&str]) -> String {
        let mut at = None;
        let mut table = self.tree.as_ref();
        let mut list = None;
        for part in path {
            let value = if let Some(items) = list {
                let items: &toml::de::DeArray<'_> = items;
                let item = part.parse().ok().and_then(|n: usize| items.get(n));
                at = item.map(|item| item.span().start).or(at);
                item
            } else {
                let entry = table.and_then(|table| {
                    table
                        .iter()
                        .find(|(key, _)| key.get_ref().as_ref() == *part)
                });
                at = entry.map(|(key, _)| key.span().start).or(at);
                entry.map(|(_, value)| value)
            };
            let value = value.map(toml::Spanned::get_ref);
            table = value.and_then(DeValue::as_table);
            list = value.and_then(DeValue::as_array);
        }
        match at {
            None => self.file.to_owned(),
            Some(at) => {
                let before = self.text.get(..at).unwrap_or_default();
                format!("{}:{}", self.file, before.matches('\n').count() + 1)
            }
        }
    }
}
