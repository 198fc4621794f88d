//! What a file says in the tables that have [`KEYS`], and everything that is wrong with that.

use std::ops::Range;

use serde::Deserialize;
use toml::de::{DeTable, DeValue, Deserializer, Error};
use toml::{Spanned, Table};

use super::{Config, InvalidConfig, KEYS, Key};
use crate::delivery::TABLES;

/// A file without what is wrong in it, and what that is, in its order.
pub(super) struct Own {
    pub(super) config: Config,
    pub(super) table: Table,
    pub(super) problems: Vec<InvalidConfig>,
}

/// Reads it to its end: what is wrong with a key or a value says nothing of the next. Only what is no TOML is refused at
/// once.
pub(super) fn read(file: &str, text: &str) -> Result<Own, InvalidConfig> {
    let refused = |error: Error| malformed(file, text, &error);
    let mut tree = DeTable::parse(text).map_err(refused)?;
    let mut problems = unknown(file, text, tree.get_mut());
    let config = loop {
        let error = match Config::deserialize(Deserializer::from(tree.clone())) {
            Ok(config) => break config,
            Err(error) => error,
        };
        let at = error.span().map_or(0, |span| span.start);
        let wrong = value_at(tree.get_ref(), at);
        problems.push((at, refused(error)));
        if !wrong.is_some_and(|path| take(tree.get_mut(), &path)) {
            // Nobody knows where: the rest cannot be told without it.
            break Config::default();
        }
    };
    problems.sort_by_key(|(at, _)| *at);
    Ok(Own {
        config,
        table: Table::deserialize(Deserializer::from(tree)).map_err(refused)?,
        problems: problems.into_iter().map(|(_, problem)| problem).collect(),
    })
}

/// A table and a key in it, or the table alone.
type Path = (String, Option<String>);

/// Takes out keys that nobody reads, and tables that are none: they are mistakes, and what was meant does not hold.
fn unknown(file: &str, text: &str, tree: &mut DeTable<'_>) -> Vec<(usize, InvalidConfig)> {
    let mut found = Vec::new();
    for (path, key, _) in keys(tree) {
        let written = match &path {
            // Channels and rules have keys of their own, which are looked at when they are read.
            (table, _) if TABLES.contains(&table.as_str()) => continue,
            (table, Some(name)) => format!("{table}.{name}"),
            (table, None) => table.clone(),
        };
        let is_known = KEYS.iter().any(|key| match path.1 {
            Some(_) => key.path == written,
            None => key.parts().0 == written,
        });
        if is_known {
            let value = tree.get(path.0.as_str()).map(Spanned::get_ref);
            if value.is_some_and(|value| !value.is_table()) && take(tree, &path) {
                // The parser would repeat the value, and a password may be in it.
                let problem = InvalidConfig::Malformed {
                    file: file.to_owned(),
                    place: format!(":{}", line_of(text, key.start)),
                    problem: format!("`{written}` is a table: write [{written}] before its keys"),
                };
                found.push((key.start, problem));
            }
            continue;
        }
        // What was in a table that nobody knows is gone with it.
        if take(tree, &path) {
            let problem = InvalidConfig::Unknown {
                file: file.to_owned(),
                line: line_of(text, key.start),
                nearest: Key::nearest(&written),
                key: written
                    .chars()
                    .take(80)
                    .flat_map(char::escape_debug)
                    .collect(),
            };
            found.push((key.start, problem));
        }
    }
    found
}

/// All tables and what is in them, each before what is in it, with where the key stands and where the value.
fn keys(tree: &DeTable<'_>) -> Vec<(Path, Range<usize>, Range<usize>)> {
    let mut all = Vec::new();
    for (table, value) in tree {
        let name = table.get_ref().to_string();
        all.push(((name.clone(), None), table.span(), value.span()));
        if let DeValue::Table(inner) = value.get_ref() {
            all.extend(inner.iter().map(|(key, value)| {
                let path = (name.clone(), Some(key.get_ref().to_string()));
                (path, key.span(), value.span())
            }));
        }
    }
    all
}

/// The innermost value at a place of the file.
fn value_at(tree: &DeTable<'_>, at: usize) -> Option<Path> {
    let mut keys = keys(tree).into_iter().rev();
    keys.find(|(_, _, value)| value.contains(&at))
        .map(|(path, _, _)| path)
}

/// Takes a value out, if it is there.
fn take(tree: &mut DeTable<'_>, (table, name): &Path) -> bool {
    let Some(name) = name else {
        return tree.remove(table.as_str()).is_some();
    };
    match tree.get_mut(table.as_str()).map(Spanned::get_mut) {
        Some(DeValue::Table(inner)) => inner.remove(name.as_str()).is_some(),
        _ => false,
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

/// What TOML says of a text, without quoting the line: a password may be in it.
fn malformed(file: &str, text: &str, error: &Error) -> InvalidConfig {
    let place = error.span().map(|span| {
        let before = text.get(..span.start).unwrap_or(text);
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        format!(":{}:{column}", line_of(text, span.start))
    });
    InvalidConfig::Malformed {
        file: file.to_owned(),
        place: place.unwrap_or_default(),
        problem: error.message().trim().replace('\n', ", "),
    }
}
