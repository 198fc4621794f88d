//! What is written of channels and rules, held to what is read.

use std::collections::BTreeSet;

use fixtures::examples::compare_part;
use queue_ops::delivery::{ChannelConfig, ChannelKey, RULE_KEYS};
use queue_ops::{ChannelType, Config};

const SAMPLE: &str = include_str!("../../docs/reference/leasehold.toml");
const PAGE: &str = "docs/reference/configuration.md";

/// The sample with everything that stands there as a comment: code has no space after its `#`.
fn whole() -> String {
    let lines = SAMPLE.lines().map(|line| match line.strip_prefix('#') {
        Some(code) if !code.is_empty() && !code.starts_with(' ') => code,
        _ => line,
    });
    lines.map(|line| format!("{line}\n")).collect()
}

fn says(table: &str, key: &ChannelKey) -> bool {
    let is = |line: &str| {
        line.split_once(" = ")
            .is_some_and(|(name, _)| key.written().iter().any(|written| written == name))
    };
    table.lines().any(is)
}

#[test]
fn the_sample_has_a_channel_of_each_type_and_every_key() {
    let whole = whole();
    let config = Config::from_toml(&whole).unwrap();
    let types: BTreeSet<_> = config
        .delivery
        .channels()
        .iter()
        .map(ChannelConfig::channel_type)
        .collect();
    assert_eq!(types.len(), ChannelType::ALL.len());
    for of in ChannelType::ALL {
        let tables = whole
            .split("\n[")
            .filter(|table| table.contains(&format!("type = \"{of}\"")));
        let tables: String = tables.collect();
        // What several types have is shown once.
        let own = of.keys().filter(|key| {
            let others = ChannelType::ALL.iter().filter(|other| *other != of);
            !others
                .flat_map(|other| other.keys())
                .any(|other| other == *key)
        });
        for key in own.filter(|key| {
            !["subject_under", "user", "password", "token", "nkey"].contains(&key.name)
        }) {
            assert!(says(&tables, key), "{of}: {}", key.name);
        }
        for key in of.keys() {
            assert!(
                says(&whole, key) || ["subject_under", "token", "nkey"].contains(&key.name),
                "{of}: {}",
                key.name
            );
        }
        for key in of.keys().filter(|key| key.default.is_some()) {
            let line = format!("\n{} = ", key.name);
            let Some((_, said)) = tables.split_once(&line) else {
                continue;
            };
            let said = said.lines().next().unwrap();
            assert!(
                Some(said) == key.default || key.name == "recipient_unchecked",
                "{of}: the sample shows {} = {said}, and the default is {:?}",
                key.name,
                key.default
            );
        }
    }
    for key in RULE_KEYS {
        assert!(says(&whole, key), "{}", key.name);
    }
    // As it stands it delivers nothing, and can be used.
    assert!(
        Config::from_toml(SAMPLE)
            .unwrap()
            .delivery
            .channels()
            .is_empty()
    );
}

#[test]
fn what_is_shown_of_the_sample_is_read_again() {
    let config = Config::from_toml(&whole()).unwrap();
    let again = Config::from_toml(&config.to_string())
        .unwrap_err()
        .to_string();
    // Except for what is masked: bodies of tickets.
    assert!(
        again.lines().all(|line| line.contains("body")),
        "{again}\n{config}"
    );
}

fn rows(keys: impl IntoIterator<Item = &'static ChannelKey>) -> String {
    let row = |key: &ChannelKey| {
        let names: Vec<_> = key
            .written()
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let default = match (key.required, key.default) {
            (true, _) => "required ".to_owned(),
            (false, Some(default)) => format!("`{default}` "),
            (false, None) => String::new(),
        };
        let meaning = key.meaning.replace('|', "\\|");
        format!("| {} | {default}| {meaning} |\n", names.join(", "))
    };
    let rows: String = keys.into_iter().map(row).collect();
    format!("| key | default | |\n|---|---|---|\n{rows}")
}

/// The tables of the page, as they follow from the keys.
fn tables() -> String {
    let mut text = String::new();
    let keys_of = |of: ChannelType| of.keys().collect::<Vec<_>>();
    let all_have = |key: &&&ChannelKey| {
        ChannelType::ALL
            .iter()
            .all(|of| of.keys().any(|own| own == **key))
    };
    let common: Vec<_> = keys_of(ChannelType::File)
        .into_iter()
        .filter(|key| all_have(&key))
        .collect();
    let http: Vec<_> = keys_of(ChannelType::Webhook)
        .into_iter()
        .filter(|key| ChannelType::PagerDuty.keys().any(|own| own == *key) && !common.contains(key))
        .collect();
    let provider: Vec<_> = keys_of(ChannelType::EmailApi)
        .into_iter()
        .filter(|key| ChannelType::Ticket.keys().any(|own| own == *key))
        .filter(|key| !common.contains(key) && !http.contains(key))
        .collect();
    for of in ChannelType::ALL {
        let own = of.keys().filter(|key| {
            ![&common, &http, &provider]
                .iter()
                .any(|group| group.contains(key))
        });
        let with = match of {
            ChannelType::Webhook | ChannelType::PagerDuty => {
                ", with [those over HTTP](#channels-over-http)"
            }
            ChannelType::EmailApi | ChannelType::Ticket => {
                ", with [those of providers](#channels-to-a-provider) and [those over HTTP](#channels-over-http)"
            }
            _ => "",
        };
        text += &format!(
            "### `type = \"{of}\"`\n\nThese and [those of all](#all-channels){with}:\n\n{}\n",
            rows(own)
        );
    }
    text += &format!("### Channels to a provider\n\n{}\n", rows(provider));
    text += &format!("### Channels over HTTP\n\n{}\n", rows(http));
    text += &format!("### All channels\n\n{}\n", rows(common));
    text + &format!("### Rules: `[[escalations]]`\n\n{}", rows(RULE_KEYS))
}

#[test]
fn the_page_has_the_keys_of_each_type() {
    compare_part(PAGE, "keys of channels and rules", &tables());
}

/// What pages show as a configuration is one.
#[test]
fn the_examples_of_pages_are_read() {
    let guide = include_str!("../../docs/guides/deliver-notifications.md");
    let page = include_str!("../../docs/reference/configuration.md");
    let mut read = 0;
    for text in [guide, page] {
        for example in text.split("```toml\n").skip(1) {
            let example = example.split("```").next().unwrap();
            let config = Config::from_toml(example).unwrap();
            assert!(!config.delivery.channels().is_empty(), "{example}");
            assert!(config.delivery.findings().is_empty(), "{example}");
            read += 1;
        }
    }
    assert_eq!(read, 2);
}
