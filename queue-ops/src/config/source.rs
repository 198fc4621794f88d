//! From a text and variables to values.

use serde::Deserialize;
use toml::{Table, Value};

use super::{Config, InvalidConfig, KEYS, Key, Origin, Setting};
use crate::delivery::TABLES;
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
    let table = parse(file, text)?;
    check_keys(file, text, &table)?;
    // By itself first: then what is wrong has a place.
    let config: Result<Config, _> = toml::from_str(text);
    let mut config = config.map_err(|error| malformed(file, text, &error))?;
    let mut merged = table;
    let mut given = Vec::new();
    let mut others = Vec::new();
    for (name, value) in variables {
        let Some(key) = KEYS.iter().find(|key| key.variable() == name) else {
            if name.starts_with("LEASEHOLD_") && !OTHERS.contains(&name.as_str()) {
                others.push((name, value));
            }
            continue;
        };
        put(&mut merged, key, value);
        config = Config::deserialize(merged.clone()).map_err(|error| InvalidConfig::Variable {
            variable: name,
            problem: error.message().trim().to_owned(),
        })?;
        given.push(key.path);
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
        return Err(InvalidConfig::TwoUrls);
    }
    config.delivery.read(file, text, &merged, &mut others)?;
    others.sort();
    let settings = KEYS
        .iter()
        .map(|key| setting(key, &merged, given.contains(&key.path)));
    config.settings = settings.chain(config.delivery.settings()).collect();
    config.strangers = others.into_iter().map(|(name, _)| name).collect();
    Ok(config)
}

fn parse(file: &str, text: &str) -> Result<Table, InvalidConfig> {
    toml::from_str(text).map_err(|error| malformed(file, text, &error))
}

/// Refuses keys that nobody reads: they are mistakes, and what was meant does not hold.
fn check_keys(file: &str, text: &str, table: &Table) -> Result<(), InvalidConfig> {
    // Channels and rules have keys of their own, which are looked at when they are read.
    let flat = table
        .iter()
        .filter(|(section, _)| !TABLES.contains(&section.as_str()));
    for (section, value) in flat {
        let is_section = KEYS.iter().any(|key| key.parts().0 == section);
        let paths: Vec<String> = match value {
            Value::Table(inner) if is_section => inner
                .keys()
                .map(|name| format!("{section}.{name}"))
                .collect(),
            // Not a table, which is said when it is read.
            _ if is_section => Vec::new(),
            _ => vec![section.clone()],
        };
        let unknown = paths
            .into_iter()
            .find(|path| !KEYS.iter().any(|key| key.path == path));
        if let Some(path) = unknown {
            let name = path.rsplit('.').next().unwrap_or(&path);
            return Err(InvalidConfig::Unknown {
                file: file.to_owned(),
                line: line_of(text, section, name),
                nearest: Key::nearest(&path),
                key: path.chars().take(80).flat_map(char::escape_debug).collect(),
            });
        }
    }
    Ok(())
}

/// The line of a key: the first one that begins with it, inside its section if there is one.
fn line_of(text: &str, section: &str, name: &str) -> usize {
    let begins = |line: &str, word: &str| {
        let rest = line.trim_start().trim_start_matches(['[', '"', '\'']);
        rest.strip_prefix(word)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    let start = text
        .lines()
        .position(|line| begins(line, section))
        .unwrap_or(0);
    let found = text.lines().skip(start).position(|line| {
        let line = line.trim_start().trim_start_matches('[');
        let line = line
            .strip_prefix(section)
            .and_then(|rest| rest.strip_prefix('.'))
            .unwrap_or(line);
        begins(line, name)
    });
    start + found.unwrap_or(0) + 1
}

/// What TOML says of a text, without quoting the line: a password may be in it.
fn malformed(file: &str, text: &str, error: &toml::de::Error) -> InvalidConfig {
    let place = error.span().map(|span| {
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        format!(":{line}:{column}")
    });
    InvalidConfig::Malformed {
        file: file.to_owned(),
        place: place.unwrap_or_default(),
        problem: error.message().trim().replace('\n', ", "),
    }
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
