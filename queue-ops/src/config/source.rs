//! From a text and variables to values.

use serde::Deserialize;
use toml::{Table, Value};

use super::own::{self, Own};
use super::{Config, InvalidConfig, KEYS, Key, Origin, Setting};
use crate::shown_url;

/// Variables that begin like settings and are for something else: the command line's own options, and
/// those of tests.
const OTHERS: &[&str] = &[
    "LEASEHOLD_ACTOR",
    "LEASEHOLD_CONFIG",
    "LEASEHOLD_SLOW",
    "LEASEHOLD_UPDATE",
];

/// What the text says, and over it what the variables say.
pub(super) fn read(
    file: &str,
    text: &str,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, InvalidConfig> {
    let Own {
        mut config,
        table: mut merged,
        mut problems,
    } = own::read(file, text)?;
    let mut given = Vec::new();
    let mut others = Vec::new();
    for (name, value) in variables {
        let Some(key) = KEYS.iter().find(|key| key.variable() == name) else {
            if name.starts_with("LEASEHOLD_") && !OTHERS.contains(&name.as_str()) {
                others.push((name, value));
            }
            continue;
        };
        let mut with = merged.clone();
        put(&mut with, key, value);
        match Config::deserialize(with.clone()) {
            Ok(read) => {
                (config, merged) = (read, with);
                given.push(key.path);
            }
            Err(error) => problems.push(InvalidConfig::Variable {
                variable: name,
                problem: error.message().trim().to_owned(),
            }),
        }
    }
    // The environment names one of two that exclude each other: it wins.
    for (one, other) in [
        ("database.url", "database.url_file"),
        ("database.url_file", "database.url"),
    ] {
        if given.contains(&one) && !given.contains(&other) {
            match other {
                "database.url" => config.database.url = None,
                _ => config.database.url_file = None,
            }
            take(&mut merged, other);
        }
    }
    if config.database.url.is_some() && config.database.url_file.is_some() {
        problems.push(InvalidConfig::TwoUrls);
    }
    if let Err(error) = config.delivery.read(file, text, &merged, &mut others) {
        problems.push(error.into());
    }
    InvalidConfig::unless_none(problems)?;
    others.sort();
    let settings = KEYS
        .iter()
        .map(|key| setting(key, &merged, given.contains(&key.path)));
    config.settings = settings.chain(config.delivery.settings()).collect();
    config.strangers = others.into_iter().map(|(name, _)| name).collect();
    Ok(config)
}

fn put(table: &mut Table, key: &Key, value: String) {
    let (section, name) = key.parts();
    let entry = table
        .entry(section)
        .or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(inner) = entry {
        inner.insert(name.to_owned(), Value::String(value));
    }
}

fn take(table: &mut Table, path: &str) {
    if let Some((section, name)) = path.split_once('.')
        && let Some(Value::Table(inner)) = table.get_mut(section)
    {
        inner.remove(name);
    }
}

/// A value as it holds and as it may be shown.
fn setting(key: &Key, merged: &Table, from_environment: bool) -> Setting {
    let (section, name) = key.parts();
    let value = merged.get(section).and_then(|inner| inner.get(name));
    let shown = value.map(|value| match (key.path, value) {
        ("database.url", Value::String(url)) => Value::String(shown_url(url)).to_string(),
        (_, value) => value.to_string(),
    });
    let origin = match (&shown, from_environment) {
        (None, _) => Origin::Default,
        (Some(_), true) => Origin::Environment,
        (Some(_), false) => Origin::File,
    };
    Setting {
        key: key.path.into(),
        value: shown.or_else(|| key.default.map(str::to_owned)),
        origin,
    }
}
