//! From what is written to a value, or to what to write instead.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use queue_core::channel::{SecretSource, mask};
use queue_core::{ChannelName, RateLimit, Recipient};
use toml::Value as Toml;

use super::key::Shape;
use super::value::Value;
use crate::config::Span;
use crate::rate;

/// Longer is a slip of the pen, and nothing that a clock can count to.
const LONGEST: Duration = Duration::from_secs(3650 * 24 * 3600);

const SOURCE: &str = "\"file:/path\", \"credential:name\" or \"env:NAME\"";

impl Shape {
    /// What a variable of the environment says.
    pub(super) fn of_variable(self, ending: &str, text: &str) -> Result<Value, String> {
        let written = match self {
            Self::Number(..) => text.trim().parse().map(Toml::Integer).ok(),
            Self::Flag => text.trim().parse().map(Toml::Boolean).ok(),
            _ => None,
        };
        self.of(
            ending,
            &written.unwrap_or_else(|| Toml::String(text.to_owned())),
        )
    }

    /// What a table says, under the key with this ending. An error repeats no value: a secret may have been
    /// put there by mistake.
    pub(super) fn of(self, ending: &str, written: &Toml) -> Result<Value, String> {
        match self {
            Self::Text => Ok(Value::Text(text(written)?)),
            Self::Masked => Ok(Value::Masked(text(written)?)),
            Self::Number(least, most) => written
                .as_integer()
                .and_then(|number| u64::try_from(number).ok())
                .filter(|number| (least..=most).contains(number))
                .map(Value::Number)
                .ok_or_else(|| format!("write a whole number from {least} to {most}")),
            Self::Flag => written
                .as_bool()
                .map(Value::Flag)
                .ok_or_else(|| "write true or false".to_owned()),
            Self::Span => span(written).map(Value::Span),
            Self::SpanOrEver if written.as_str() == Some("ever") => Ok(Value::Ever),
            Self::SpanOrEver => match span(written) {
                Ok(span) => Ok(Value::Span(span)),
                Err(problem) => Err(format!("{problem}, or \"ever\"")),
            },
            Self::Choice(choices) => {
                let chosen = written.as_str().filter(|text| choices.contains(text));
                chosen
                    .map(|text| Value::Text(text.to_owned()))
                    .ok_or_else(|| {
                        let quoted: Vec<_> =
                            choices.iter().map(|one| format!("\"{one}\"")).collect();
                        format!("write one of {}", quoted.join(", "))
                    })
            }
            Self::Rate => limit(written).map(Value::Rate),
            Self::Path => Ok(Value::Path(text(written)?.into())),
            Self::Paths => Ok(Value::Paths(each(written, "a list of paths", |one| {
                text(one).map(PathBuf::from)
            })?)),
            Self::Texts => Ok(Value::Texts(each(written, "a list of texts", text)?)),
            Self::MaskedTexts => Ok(Value::MaskedTexts(each(written, "a list of texts", text)?)),
            Self::Networks => {
                let networks = each(written, "a list of networks, like [\"10.1.0.0/16\"]", text)?;
                networks.iter().try_for_each(|one| network(one))?;
                Ok(Value::Texts(networks))
            }
            Self::Secret => secret(ending, &text(written)?).map(Value::Source),
            Self::Sources => Ok(Value::Sources(sources(written)?)),
            Self::SourcesOf => sources_of(written).map(Value::SourcesOf),
            Self::Json if ending == "_file" => Ok(Value::JsonFile(text(written)?.into())),
            Self::Json => match written {
                Toml::Table(_) => serde_json::to_value(written)
                    .map(Value::Json)
                    .map_err(|_| "write a table of texts, numbers, lists and tables".to_owned()),
                _ => Err(
                    "write a table, or name a file with JSON by the same key with _file".to_owned(),
                ),
            },
            Self::Targets => Ok(Value::Targets(each(
                written,
                "a list like [{ channel = \"pager\", recipient = \"on-call\" }]",
                target,
            )?)),
        }
    }
}

fn text(written: &Toml) -> Result<String, String> {
    let text = written.as_str().filter(|text| !text.trim().is_empty());
    text.map(str::to_owned)
        .ok_or_else(|| "write a text in quotes, which is not empty".to_owned())
}

fn span(written: &Toml) -> Result<Duration, String> {
    let span: Option<Span> = written.as_str().and_then(|text| text.parse().ok());
    match span.map(Span::get) {
        None => Err("write a number and a unit, like \"500ms\", \"5s\" or \"10m\"".to_owned()),
        Some(span) if span > LONGEST => Err("it is longer than ten years: write less".to_owned()),
        Some(span) => Ok(span),
    }
}

fn limit(written: &Toml) -> Result<RateLimit, String> {
    let wrong = || "write permits per time, such as \"10/s\" or \"600/min\"".to_owned();
    let (permits, per) = rate::parse(written.as_str().ok_or_else(wrong)?)?;
    RateLimit::new(permits, per, permits).map_err(|error| error.to_string())
}

fn each<T>(
    written: &Toml,
    what: &str,
    read: impl Fn(&Toml) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let items = written.as_array().ok_or_else(|| format!("write {what}"))?;
    items.iter().map(read).collect()
}

#[cfg(feature = "http")]
fn network(text: &str) -> Result<(), String> {
    let network: Result<queue_core::channel::Network, _> = text.parse();
    let wrong =
        "write networks by address and length, like 10.1.0.0/16 or fd12::/48, or single addresses";
    network.map(drop).map_err(|_| wrong.to_owned())
}

/// Without HTTP there is no channel that reads it.
#[cfg(not(feature = "http"))]
fn network(_: &str) -> Result<(), String> {
    Ok(())
}

fn secret(ending: &str, text: &str) -> Result<SecretSource, String> {
    match ending {
        "_file" => Ok(SecretSource::File(text.into())),
        "_credential" if text.contains('/') => Err(
            "a credential is a name without `/`: for a path write the key with _file".to_owned(),
        ),
        "_credential" => Ok(SecretSource::Credential(text.to_owned())),
        _ if text.contains(['=', '\0']) => {
            Err("no variable is named so: write its name alone, like SMTP_PASSWORD".to_owned())
        }
        _ => Ok(SecretSource::Environment(text.to_owned())),
    }
}

fn source(written: &Toml) -> Result<SecretSource, String> {
    let wrong = || format!("a source says not where its secret is: write {SOURCE}");
    let text = written.as_str().ok_or_else(wrong)?;
    text.parse().map_err(|_| wrong())
}

fn sources(written: &Toml) -> Result<Vec<SecretSource>, String> {
    match written {
        Toml::String(_) => Ok(vec![source(written)?]),
        _ => each(written, &format!("a list of {SOURCE}"), source),
    }
}

fn sources_of(written: &Toml) -> Result<BTreeMap<Recipient, Vec<SecretSource>>, String> {
    let table = written
        .as_table()
        .ok_or_else(|| format!("write a table of recipients, each with {SOURCE}"))?;
    let one = |(of, written): (&String, &Toml)| {
        let of = recipient(of)?;
        let sources = sources(written)?;
        if sources.is_empty() {
            return Err(format!("a recipient has no secret: write {SOURCE}"));
        }
        Ok((of, sources))
    };
    table.iter().map(one).collect()
}

fn target(written: &Toml) -> Result<(ChannelName, Recipient), String> {
    let wrong = || "write each as { channel = \"pager\", recipient = \"on-call\" }".to_owned();
    let table = written.as_table().filter(|table| table.len() == 2);
    let part = |name| table.and_then(|table| table.get(name)?.as_str());
    let (Some(channel), Some(recipient)) = (part("channel"), part("recipient")) else {
        return Err(wrong());
    };
    Ok((
        ChannelName::new(channel).map_err(|error| error.to_string())?,
        self::recipient(recipient)?,
    ))
}

/// An address or a token may be in what is none.
fn recipient(text: &str) -> Result<Recipient, String> {
    Recipient::new(text).map_err(|error| {
        format!(
            "{} is no recipient: {}; write {}",
            mask(text),
            error.problem,
            error.rule
        )
    })
}
