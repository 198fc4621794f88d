//! A channel as it is configured.

use std::fmt;
use std::sync::Arc;

use queue_core::channel::Channel;
use queue_core::{ChannelName, ChannelPolicy};
use toml::Value as Toml;

use super::channel_type::ChannelType;
use super::problem::DeliveryProblem;
use super::table::{Reading, Which};
use super::values::Values;
use super::{channels, policy, quoted_key};

/// A channel as it is configured: `[channels.NAME]`. It prints itself without secrets.
#[derive(Clone)]
pub struct ChannelConfig {
    pub(super) name: ChannelName,
    pub(super) of: ChannelType,
    pub(super) values: Values,
    /// The file and the line.
    place: String,
}

/// Where it stands is not what it says.
impl PartialEq for ChannelConfig {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.of, &self.values) == (&other.name, other.of, &other.values)
    }
}

impl Eq for ChannelConfig {}

impl ChannelConfig {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &ChannelName {
        &self.name
    }

    /// What it sends to.
    #[must_use]
    pub fn channel_type(&self) -> ChannelType {
        self.of
    }

    /// Its table, as it is told of.
    pub(super) fn shown(&self) -> String {
        format!("channels.{}", quoted_key(self.name.as_str()))
    }

    /// Reads one of the tables of `[channels]`.
    pub(super) fn read(reading: &mut Reading<'_>, name: &str, written: &Toml) -> Option<Self> {
        let path = ["channels", name];
        let shown = format!("channels.{}", quoted_key(name));
        let valid = match ChannelName::new(name) {
            Ok(name) => name,
            Err(error) => {
                reading.wrong(&path, error.to_string());
                return None;
            }
        };
        let Some(table) = written.as_table() else {
            reading.wrong(
                &path,
                format!("`{shown}`: a channel is a table: write [{shown}]"),
            );
            return None;
        };
        let mut table = table.clone();
        let of: Result<ChannelType, _> = match table.remove("type") {
            None => {
                let all: Vec<_> = ChannelType::ALL.iter().map(|of| of.as_str()).collect();
                let problem = format!("a channel needs `{shown}.type`: one of {}", all.join(", "));
                reading.wrong(&path, problem);
                return None;
            }
            Some(Toml::String(text)) => text.parse(),
            Some(_) => Err("write the type's name in quotes, like \"smtp\"".to_owned()),
        };
        let of = match of {
            Ok(of) => of,
            Err(problem) => {
                reading.wrong(
                    &[&path[..], &["type"]].concat(),
                    format!("`{shown}.type`: {problem}"),
                );
                return None;
            }
        };
        let what = format!("a channel of the type {of}");
        let which = Which {
            shown: &shown,
            path: &path,
            what: &what,
        };
        let keys: Vec<_> = of.keys().collect();
        let values = reading.table(&which, &keys, &table, ChannelType::with_key);
        // One that a variable says is not there yet; they are asked for when all is said.
        Some(Self {
            name: valid,
            of,
            values,
            place: reading.lines.place(&path),
        })
    }

    /// The channel and what it may do; or everything that is wrong with it.
    pub(super) fn build(
        &self,
    ) -> Result<(ChannelName, Arc<dyn Channel>, ChannelPolicy), Vec<DeliveryProblem>> {
        let mut problems = self.values.unreadable(&self.shown());
        let readable = problems.is_empty();
        let mut told = |problem: String| problems.push(self.problem(&problem));
        let policy = policy::policy(&self.values).map_err(&mut told).ok();
        // Whoever builds it reads the same again, and would say the same again.
        let channel = match readable {
            true => channels::build(self.of, &self.values).map_err(told).ok(),
            false => None,
        };
        match (channel, policy) {
            (Some(channel), Some(policy)) => Ok((self.name.clone(), channel, policy)),
            _ => Err(problems),
        }
    }

    fn problem(&self, problem: &str) -> DeliveryProblem {
        DeliveryProblem {
            place: self.place.clone(),
            problem: format!("`{}`: {problem}", self.shown()),
        }
    }
}

impl fmt::Debug for ChannelConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ChannelConfig");
        shown
            .field("name", &self.name)
            .field("type", &self.of.as_str());
        for (name, given) in self.values.iter() {
            shown.field(name, &format_args!("{}", given.value.shown()));
        }
        shown.finish()
    }
}
