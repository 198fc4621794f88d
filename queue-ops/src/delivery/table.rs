//! Reads a table by its keys.

use queue_core::catalogue::nearest;
use toml::Table;

use super::key::{ChannelKey, Shape};
use super::lines::Lines;
use super::problem::DeliveryProblem;
use super::values::{Given, Values};
use crate::config::Origin;

/// A table that is read, and what was wrong so far.
pub(super) struct Reading<'a> {
    pub(super) lines: &'a Lines<'a>,
    pub(super) problems: Vec<DeliveryProblem>,
}

/// Which table it is.
pub(super) struct Which<'a> {
    /// As people are told: `channels.mail`.
    pub(super) shown: &'a str,
    /// Where it is in the file.
    pub(super) path: &'a [&'a str],
    /// What it is, where a key is not one of it: `a channel of the type smtp`.
    pub(super) what: &'a str,
}

impl Reading<'_> {
    pub(super) fn wrong(&mut self, path: &[&str], problem: String) {
        let place = self.lines.place(path);
        self.problems.push(DeliveryProblem { place, problem });
    }

    /// What the table says. `elsewhere` says of what a key is that is not among these.
    pub(super) fn table(
        &mut self,
        which: &Which<'_>,
        keys: &[&'static ChannelKey],
        table: &Table,
        elsewhere: impl Fn(&str) -> Option<String>,
    ) -> Values {
        let mut values = Values::default();
        for (written, value) in table {
            let path = [which.path, &[written.as_str()]].concat();
            let shown = format!("{}.{}", which.shown, escaped(written));
            let found = keys
                .iter()
                .find_map(|key| Some((*key, key.ending(written)?)));
            let Some((key, ending)) = found else {
                let problem = unknown(which, keys, written, elsewhere(written));
                self.wrong(&path, format!("`{shown}`: {problem}"));
                continue;
            };
            match key.shape.of(ending, value) {
                Err(problem) => self.wrong(&path, format!("`{shown}`: {problem}")),
                Ok(value) => {
                    let given = Given {
                        value,
                        origin: Origin::File,
                        place: self.lines.place(&path),
                    };
                    if let Some(before) = values.put(key.name, given) {
                        let other =
                            format!("{}.{}{}", which.shown, key.name, before.value.ending());
                        self.wrong(
                            &path,
                            format!("`{other}` and `{shown}` are both given: give one of them"),
                        );
                    }
                }
            }
        }
        values
    }

    /// What must be there and is not.
    pub(super) fn missing(
        &mut self,
        which: &Which<'_>,
        keys: &[&'static ChannelKey],
        table: &Table,
    ) {
        for key in keys.iter().filter(|key| key.required) {
            // One that is there and wrong has been told of.
            if table.keys().any(|written| key.ending(written).is_some()) {
                continue;
            }
            let names: Vec<_> = key
                .written()
                .iter()
                .map(|name| format!("`{}.{name}`", which.shown))
                .collect();
            self.wrong(
                which.path,
                format!(
                    "{} needs {}: {}",
                    which.what,
                    names.join(" or "),
                    key.meaning
                ),
            );
        }
    }
}

/// What is said of a key that is not one of the table's.
fn unknown(
    which: &Which<'_>,
    keys: &[&'static ChannelKey],
    written: &str,
    elsewhere: Option<String>,
) -> String {
    let secret = |key: &&&ChannelKey| key.shape == Shape::Secret && key.name == written;
    if let Some(key) = keys.iter().find(secret) {
        let written = key.written();
        return format!(
            "a secret is not written into a configuration: name where it is, by {}",
            written
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    if let Some(of) = elsewhere {
        return format!("{} has no such key, it is one of {of}", which.what);
    }
    let names = keys.iter().flat_map(|key| key.written());
    let nearest = nearest(written, names, String::clone).unwrap_or_default();
    format!("{} has no such key; the nearest is `{nearest}`", which.what)
}

fn escaped(name: &str) -> String {
    name.chars().take(80).flat_map(char::escape_debug).collect()
}
