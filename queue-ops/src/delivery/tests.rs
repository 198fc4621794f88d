//! The lists of keys and those who read them.

use std::collections::BTreeSet;

use super::channel_type::ChannelType;
use super::key::Shape;
use super::values::asked;
use super::{channels, policy};
use crate::Config;

/// A value of each shape, for a secret in that file.
fn example(key: &super::ChannelKey, secret: &str) -> String {
    let value = match key.shape {
        Shape::Choice(choices) => format!("{:?}", choices.first().unwrap()),
        Shape::Number(least, _) => least.to_string(),
        Shape::Flag => "true".to_owned(),
        Shape::Span | Shape::SpanOrEver => "\"20s\"".to_owned(),
        Shape::Rate => "\"10/s\"".to_owned(),
        Shape::Networks => "[\"10.0.0.0/8\"]".to_owned(),
        Shape::Paths | Shape::Texts | Shape::MaskedTexts => "[\"x\"]".to_owned(),
        Shape::Secret => return format!("{}_file = {secret:?}\n", key.name),
        Shape::Sources => format!("[\"file:{secret}\"]"),
        Shape::SourcesOf => format!("{{ x = \"file:{secret}\" }}"),
        Shape::Json => "{ a = 1 }".to_owned(),
        Shape::Masked | Shape::Text | Shape::Path => "\"x\"".to_owned(),
        Shape::Targets => unreachable!("no channel has any"),
    };
    format!("{} = {value}\n", key.name)
}

/// A key that nobody reads would be taken and change nothing; one that is not listed could not be written.
#[test]
fn each_key_is_read_by_its_type_and_each_that_is_read_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "amqp://queue:hunter2@mq").unwrap();
    let secret = secret.to_str().unwrap();
    for of in ChannelType::ALL {
        // Some exclude each other: with all of them, with the required ones, and with each of the others.
        let all: Vec<_> = of.keys().collect();
        let mut sets = vec![all.clone()];
        let required = || all.iter().copied().filter(|key| key.required);
        for key in &all {
            sets.push(required().chain((!key.required).then_some(*key)).collect());
        }
        let mut read = BTreeSet::new();
        for set in sets {
            let keys: String = set.iter().map(|key| example(key, secret)).collect();
            let text = format!("[channels.one]\ntype = \"{of}\"\n{keys}");
            let config = Config::from_toml(&text).unwrap_or_else(|error| panic!("{text}{error}"));
            let values = &config.delivery.channels()[0].values;
            asked::take();
            let _ = policy::policy(values);
            let _ = channels::build(*of, values);
            read.append(&mut asked::take());
        }
        if of.missing_feature().is_none() {
            let listed: BTreeSet<_> = all.iter().map(|key| key.name).collect();
            assert_eq!(read, listed, "{of}");
            assert_eq!(listed.len(), all.len(), "{of} has a key twice");
        }
    }
}
