//! What a table says, key by key.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use queue_core::RateLimit;
use queue_core::channel::SecretSource;

use super::problem::DeliveryProblem;
use super::value::Value;
use crate::config::Origin;

/// A value, and where it is from.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) value: Value,
    pub(super) origin: Origin,
    /// The file with its line, or the variable.
    pub(super) place: String,
}

/// As it may be shown.
impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value.shown())
    }
}

/// Where it stands is not what it says.
impl PartialEq for Given {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// What a table says, by the names of its keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Values(BTreeMap<&'static str, Given>);

impl Values {
    pub(super) fn put(&mut self, name: &'static str, given: Given) -> Option<Given> {
        self.0.insert(name, given)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &Given)> {
        self.0.iter().map(|(name, given)| (*name, given))
    }

    fn get(&self, name: &'static str) -> Option<&Value> {
        #[cfg(test)]
        asked::note(name);
        self.0.get(name).map(|given| &given.value)
    }

    pub(super) fn text(&self, name: &'static str) -> Option<&str> {
        match self.get(name)? {
            Value::Text(text) | Value::Masked(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn texts(&self, name: &'static str) -> &[String] {
        match self.get(name) {
            Some(Value::Texts(texts) | Value::MaskedTexts(texts)) => texts,
            _ => &[],
        }
    }

    pub(super) fn number<T: TryFrom<u64>>(&self, name: &'static str) -> Option<T> {
        match self.get(name)? {
            Value::Number(number) => T::try_from(*number).ok(),
            _ => None,
        }
    }

    pub(super) fn flag(&self, name: &'static str) -> Option<bool> {
        match self.get(name)? {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// Whether it is said that it is so.
    #[cfg_attr(
        not(any(feature = "http", feature = "rabbitmq")),
        expect(dead_code, reason = "read by channels that this build has not")
    )]
    pub(super) fn is(&self, name: &'static str) -> bool {
        self.flag(name) == Some(true)
    }

    pub(super) fn span(&self, name: &'static str) -> Option<Duration> {
        match self.get(name)? {
            Value::Span(span) => Some(*span),
            _ => None,
        }
    }

    pub(super) fn rate(&self, name: &'static str) -> Option<RateLimit> {
        match self.get(name)? {
            Value::Rate(rate) => Some(*rate),
            _ => None,
        }
    }

    pub(super) fn path(&self, name: &'static str) -> Option<&Path> {
        match self.get(name)? {
            Value::Path(path) => Some(path),
            _ => None,
        }
    }

    /// What the files have that a list names.
    #[cfg_attr(
        not(any(feature = "smtp", feature = "http")),
        expect(dead_code, reason = "read by channels that this build has not")
    )]
    pub(super) fn files(&self, name: &'static str) -> Result<Vec<Vec<u8>>, String> {
        match self.get(name) {
            Some(Value::Paths(paths)) => paths.iter().map(read).collect(),
            _ => Ok(Vec::new()),
        }
    }

    #[cfg_attr(
        not(any(
            feature = "smtp",
            feature = "webhook",
            feature = "pagerduty",
            feature = "search",
            feature = "nats",
            feature = "rabbitmq"
        )),
        expect(dead_code, reason = "read by channels that this build has not")
    )]
    pub(super) fn source(&self, name: &'static str) -> Option<SecretSource> {
        match self.get(name)? {
            Value::Source(source) => Some(source.clone()),
            _ => None,
        }
    }

    #[cfg_attr(
        not(feature = "webhook"),
        expect(dead_code, reason = "read by channels that this build has not")
    )]
    pub(super) fn sources(&self, name: &'static str) -> Vec<SecretSource> {
        let value = self.get(name).map(Value::sources).unwrap_or_default();
        value.into_iter().cloned().collect()
    }

    pub(super) fn any(&self, name: &'static str) -> Option<&Value> {
        self.get(name)
    }

    /// A document of JSON, from here or from its file.
    #[cfg_attr(
        not(feature = "ticket"),
        expect(dead_code, reason = "read by channels that this build has not")
    )]
    pub(super) fn json(&self, name: &'static str) -> Result<Option<serde_json::Value>, String> {
        match self.get(name) {
            Some(Value::Json(json)) => Ok(Some(json.clone())),
            Some(Value::JsonFile(path)) => {
                let json = serde_json::from_slice(&read(path)?);
                json.map(Some)
                    .map_err(|error| format!("{} is no JSON: {error}", path.display()))
            }
            _ => Ok(None),
        }
    }

    /// What is named here and cannot be read: secrets and files.
    pub(super) fn unreadable(&self, of: &str) -> Vec<DeliveryProblem> {
        let mut problems = Vec::new();
        for (name, given) in &self.0 {
            let key = format!("{of}.{name}{}", given.value.ending());
            let mut told = |problem: String| {
                problems.push(DeliveryProblem {
                    place: given.place.clone(),
                    problem: format!("`{key}`: {problem}"),
                });
            };
            for source in given.value.sources() {
                if let Err(error) = source.read() {
                    told(error.to_string());
                }
            }
            for path in given.value.files() {
                if let Err(problem) = read(path) {
                    told(problem);
                }
            }
        }
        problems
    }

    /// What each key says, all of it.
    pub(super) fn exact(&self) -> impl Iterator<Item = Option<Vec<u8>>> {
        self.0
            .iter()
            .flat_map(|(name, given)| [name.as_bytes().to_vec(), given.value.exact()].map(Some))
    }

    /// What is named here, as it is now: each secret and each file, or nothing where it cannot be read.
    pub(super) fn contents(&self) -> impl Iterator<Item = Option<Vec<u8>>> {
        use secrecy::ExposeSecret;
        self.0.values().flat_map(|given| {
            let secrets = given.value.sources().into_iter().map(|source| {
                let secret = source.read().ok()?;
                Some(secret.expose_secret().as_bytes().to_vec())
            });
            let files = given.value.files().into_iter().map(|path| read(path).ok());
            secrets.chain(files).collect::<Vec<_>>()
        })
    }
}

fn read(path: &PathBuf) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}

/// Which keys were looked up: a test holds the lists of keys to it.
#[cfg(test)]
pub(super) mod asked {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    thread_local! {
        static ASKED: RefCell<BTreeSet<&'static str>> = RefCell::default();
    }

    pub(super) fn note(name: &'static str) {
        ASKED.with_borrow_mut(|asked| asked.insert(name));
    }

    pub(in crate::delivery) fn take() -> BTreeSet<&'static str> {
        ASKED.take()
    }
}
