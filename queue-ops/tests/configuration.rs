//! The configuration as it is told of, and as it is read.

use std::fs;
use std::path::Path;

use fixtures::examples::compare_part;
use queue_ops::{Config, Database, InvalidConfig, KEYS, Origin};

const SAMPLE: &str = include_str!("../../docs/reference/leasehold.toml");

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn the_sample_is_read_and_has_every_key() {
    let config = Config::from_toml(SAMPLE).unwrap();
    let default = Config::default();
    assert_eq!(
        (&config.log, &config.sweeper, &config.http, &config.delivery),
        (
            &default.log,
            &default.sweeper,
            &default.http,
            &default.delivery
        ),
        "the sample shows the defaults"
    );
    let uncommented = |line: &str| line.trim_start_matches(['#', ' ']).to_owned();
    for key in KEYS {
        let (table, name) = key.path.split_once('.').unwrap();
        let section = SAMPLE.split_once(&format!("[{table}]")).unwrap().1;
        let lines = section
            .lines()
            .skip(1)
            .take_while(|line| !line.starts_with('['));
        let said = lines
            .map(uncommented)
            .find(|line| line.starts_with(&format!("{name} = ")));
        let said = said.unwrap_or_else(|| panic!("{} is not in the sample", key.path));
        if let Some(default) = key.default {
            assert_eq!(said, format!("{name} = {default}"));
        }
        // Also those that stand there as comments are keys.
        Config::from_toml(&format!("[{table}]\n{said}")).unwrap();
    }
}

#[test]
fn the_page_has_every_key() {
    let rows = KEYS.iter().map(|key| {
        let default = key
            .default
            .map(|default| format!("`{default}` "))
            .unwrap_or_default();
        format!(
            "| `{}` | `{}` | {default}| {} |\n",
            key.path,
            key.variable(),
            key.meaning
        )
    });
    let rows: String = rows.collect();
    let table = format!("| key | variable | default | |\n|---|---|---|---|\n{rows}");
    compare_part("docs/reference/configuration.md", "keys", &table);
}

#[test]
fn what_is_shown_is_read_as_the_same_again() {
    let config = Config::from_toml(SAMPLE).unwrap();
    let again = Config::from_toml(&config.to_string()).unwrap();
    assert_eq!((again.database, again.log), (config.database, config.log));
    assert_eq!((again.sweeper, again.http), (config.sweeper, config.http));
    assert_eq!(again.delivery, config.delivery);
}

#[test]
fn the_environment_wins() {
    let config = Config::from_toml_and(
        SAMPLE,
        variables(&[
            ("LEASEHOLD_DATABASE_URL_FILE", "/run/url"),
            ("LEASEHOLD_LOG_LEVEL", "debug"),
        ]),
    )
    .unwrap();
    assert_eq!(config.database.url, None, "one of two that say the same");
    assert_eq!(
        config.database.url_file.as_deref(),
        Some(Path::new("/run/url"))
    );
    assert_eq!(config.log.level.to_string(), "debug");
    let origins: Vec<_> = config
        .settings()
        .iter()
        .map(|setting| setting.origin)
        .take(4)
        .collect();
    assert_eq!(
        origins,
        [
            Origin::Default,
            Origin::Environment,
            Origin::File,
            Origin::Environment
        ]
    );
}

#[test]
fn a_variable_that_is_wrong_is_named() {
    let wrong = variables(&[("LEASEHOLD_LOG_FORMAT", "xml")]);
    let error = Config::from_toml_and(SAMPLE, wrong).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the variable LEASEHOLD_LOG_FORMAT of the environment: unknown variant `xml`, expected one of `human`, `json`, `journal`"
    );
    let two = variables(&[
        ("LEASEHOLD_DATABASE_URL", "sqlite:a"),
        ("LEASEHOLD_DATABASE_URL_FILE", "b"),
    ]);
    assert_eq!(Config::from_toml_and("", two), Err(InvalidConfig::TwoUrls));
}

#[test]
fn variables_that_are_none_are_found() {
    let strange = variables(&[
        ("LEASEHOLD_LOG_LEVLE", "debug"),
        ("LEASEHOLD_ACTOR", "ada"),
        ("OTHER", "x"),
    ]);
    let config = Config::from_toml_and("", strange).unwrap();
    let found: Vec<_> = config.strangers().collect();
    assert_eq!(
        found,
        [(
            "LEASEHOLD_LOG_LEVLE",
            Some("LEASEHOLD_LOG_LEVEL".to_owned())
        )]
    );
}

#[test]
fn no_secret_is_shown() {
    let text = "[database]\nurl = \"postgres://ops:hunter2@db/app?password=hunter2&listen=postgres%3A%2F%2Fops%3Ahunter2%40db\"";
    let config = Config::from_toml(text).unwrap();
    let shown = format!("{config} {config:?} {:?}", config.settings());
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("postgres://ops@db/app"), "{shown}");
    let error = Config::from_toml("database = \"postgres://ops:hunter2@db/app\"").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the configuration:1: `database` is a table: write [database] before its keys"
    );
}

/// What is wrong says what to write instead, in a file and in a variable alike.
#[test]
fn what_the_daemon_cannot_do_is_refused() {
    for (table, name, wrong, wanted) in [
        (
            "sweeper",
            "leases_every",
            "\"5\"",
            "`5` is no time span: write a number and a unit, like 500ms, 5s, 10m or 1h 30m, or off",
        ),
        (
            "sweeper",
            "stop_timeout",
            "\"off\"",
            "`off` is no time span: write a number and a unit, like 500ms, 5s, 10m or 1h 30m",
        ),
        (
            "sweeper",
            "stop_timeout",
            "\"0s\"",
            "`0s` is too short: write 1ms or more",
        ),
        (
            "sweeper",
            "leases_page",
            "1001",
            "`1001` is no number of rows: write 1 to 1000",
        ),
        (
            "sweeper",
            "name",
            "\"a b\"",
            "`a b` is not a valid worker name: it has a character that is not allowed; write 1 to 128 characters of a-z, A-Z, 0-9 and _ - . : /",
        ),
        (
            "http",
            "listen",
            "\"unix:a.sock\"",
            "`unix:a.sock` is nothing to listen on: write an address with a port like 127.0.0.1:9464, unix:/path/to/a.sock, or off",
        ),
    ] {
        let text = format!("[{table}]\n{name} = {wrong}");
        let error = Config::from_toml(&text).unwrap_err().to_string();
        assert!(error.ends_with(wanted), "{error}");
        let variable = format!("LEASEHOLD_{table}_{name}").to_uppercase();
        let pair = [(variable, wrong.trim_matches('"').to_owned())];
        let error = Config::from_toml_and("", pair).unwrap_err().to_string();
        assert!(error.ends_with(wanted), "{error}");
    }
}

/// Keys are found where they stand, in each way to write them.
#[test]
fn an_unknown_key_has_its_line() {
    for (text, wanted) in [
        (
            "[log]\nformat = \"json\"\nlevle = \"debug\"",
            "3: there is no key `log.levle`; the nearest is `log.level`",
        ),
        (
            "log.levle = \"debug\"",
            "1: there is no key `log.levle`; the nearest is `log.level`",
        ),
        (
            "# url\n\nurl = \"sqlite:a\"",
            "3: there is no key `url`; the nearest is `database.url`",
        ),
        (
            "[database]\n\"a key\" = 1",
            "2: there is no key `database.a key`; the nearest is `database.url`",
        ),
    ] {
        let error = Config::from_toml(text).unwrap_err().to_string();
        assert_eq!(error, format!("the configuration:{wanted}"));
    }
}

/// Nobody mends a file error by error.
#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = "\
[database]
urls = \"postgres://ops:hunter2@db/app\"

[sweper]
leases_every = \"5s\"

[sweeper]
leases_every = \"5 parsecs\"
leases_page = 0
doubts_page = true

[channels.email]
type = \"smtp\"
host = \"relay.example.org\"
prot = 25
";
    let text = format!("log = 3\n{text}");
    let wrong = variables(&[
        ("LEASEHOLD_HTTP_LISTEN", "everywhere"),
        ("LEASEHOLD_DELIVERY_GRACE", "1m"),
    ]);
    let error = Config::from_toml_and(&text, wrong).unwrap_err();
    assert!(matches!(&error, InvalidConfig::Several(problems) if problems.len() == 8));
    insta::assert_snapshot!(error.to_string());
}

/// The page of the configuration has each parameter that the refusal of another one names.
#[test]
fn the_page_has_every_parameter_of_a_url() {
    let page = fs::read_to_string("../docs/reference/configuration.md").unwrap();
    let (_, section) = page.split_once("\n## The URL of a database\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let refused = Database::parse("sqlite:jobs.db?mode=rwc").unwrap_err();
    let refused = refused.to_string();
    let (_, names) = refused.split_once("the parameters are ").unwrap();
    for name in names.split(", ") {
        assert!(section.contains(&format!("`{name}`")), "{name}");
    }
}
