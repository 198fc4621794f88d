//! A value as it was read.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use queue_core::channel::{SecretSource, mask};
use queue_core::{ChannelName, RateLimit, Recipient};

use crate::rate;

/// A value as it was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Masked(String),
    Number(u64),
    Flag(bool),
    Span(Duration),
    Ever,
    Rate(RateLimit),
    Path(PathBuf),
    Paths(Vec<PathBuf>),
    Texts(Vec<String>),
    MaskedTexts(Vec<String>),
    Source(SecretSource),
    Sources(Vec<SecretSource>),
    SourcesOf(BTreeMap<Recipient, Vec<SecretSource>>),
    Json(serde_json::Value),
    JsonFile(PathBuf),
    Targets(Vec<(ChannelName, Recipient)>),
}

fn quoted(text: &(impl ToString + ?Sized)) -> String {
    toml::Value::String(text.to_string()).to_string()
}

fn list<T>(items: &[T], shown: impl Fn(&T) -> String) -> String {
    let items: Vec<_> = items.iter().map(shown).collect();
    format!("[{}]", items.join(", "))
}

impl Value {
    /// As it may be shown, in TOML: without tokens, addresses, and whatever a message may have.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Masked(text) => quoted(&mask(text)),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Span(span) => quoted(&humantime::format_duration(*span)),
            Self::Ever => quoted("ever"),
            Self::Rate(limit) => quoted(&rate::written(limit)),
            Self::Path(path) | Self::JsonFile(path) => quoted(&path.display()),
            Self::Paths(paths) => list(paths, |path| quoted(&path.display())),
            Self::Texts(texts) => list(texts, quoted),
            Self::MaskedTexts(texts) => list(texts, |text| quoted(&mask(text))),
            Self::Source(source) => match source {
                SecretSource::File(path) => quoted(&path.display()),
                SecretSource::Credential(name) | SecretSource::Environment(name) => quoted(name),
            },
            Self::Sources(sources) => list(sources, quoted),
            Self::SourcesOf(all) => {
                let one = |(of, sources): (&Recipient, &Vec<SecretSource>)| {
                    format!("{} = {}", quoted(of), list(sources, quoted))
                };
                let all: Vec<_> = all.iter().map(one).collect();
                format!("{{ {} }}", all.join(", "))
            }
            // A tracker may take a token in it.
            Self::Json(_) => quoted("[not shown]"),
            Self::Targets(targets) => list(targets, |(channel, to)| {
                format!(
                    "{{ channel = {}, recipient = {} }}",
                    quoted(channel),
                    quoted(to)
                )
            }),
        }
    }

    /// All of it, which is not to be shown: recipients print themselves masked.
    pub(super) fn exact(&self) -> Vec<u8> {
        let text = match self {
            Self::Targets(targets) => {
                let targets = targets.iter().map(|(channel, to)| (channel, to.as_str()));
                format!("{:?}", targets.collect::<Vec<_>>())
            }
            Self::SourcesOf(all) => {
                let all = all.iter().map(|(of, sources)| (of.as_str(), sources));
                format!("{:?}", all.collect::<Vec<_>>())
            }
            other => format!("{other:?}"),
        };
        text.into_bytes()
    }

    /// The key's ending that says it.
    pub(super) fn ending(&self) -> &'static str {
        match self {
            Self::Source(SecretSource::File(_)) | Self::JsonFile(_) => "_file",
            Self::Source(SecretSource::Credential(_)) => "_credential",
            Self::Source(SecretSource::Environment(_)) => "_env",
            _ => "",
        }
    }

    /// Where it has secrets.
    pub(super) fn sources(&self) -> Vec<&SecretSource> {
        match self {
            Self::Source(source) => vec![source],
            Self::Sources(sources) => sources.iter().collect(),
            Self::SourcesOf(all) => all.values().flatten().collect(),
            _ => Vec::new(),
        }
    }

    /// The files that it names to be read.
    pub(super) fn files(&self) -> Vec<&PathBuf> {
        match self {
            Self::JsonFile(path) => vec![path],
            Self::Paths(paths) => paths.iter().collect(),
            _ => Vec::new(),
        }
    }
}
