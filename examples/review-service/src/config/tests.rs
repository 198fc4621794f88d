use std::time::Duration;

use super::*;

const LIBRARY: &str = "[database]\nurl = 'sqlite:jobs.db'\n";
const LEAST: &str = "leasehold = 'leasehold.toml'\n[allow_list]\nprefixes = ['//depot/app/...']\n\
    [depot]\nexecutable = '/usr/bin/p4'\n\
    [model]\nendpoint = 'https://models.example.org/v1/chat/completions'\nmodel = 'reviewer'\n\
    [notice]\nfrom = 'reviews@example.org'\n";

fn read(library: &str, service: &str) -> Result<ServiceConfig, InvalidServiceConfig> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("leasehold.toml"), library).unwrap();
    let path = dir.path().join("review.toml");
    std::fs::write(&path, service).unwrap();
    ServiceConfig::read(&path)
}

/// What is said of a file with this in the place of that.
fn refused(this: &str, that: &str) -> String {
    assert!(LEAST.contains(this), "{this}");
    let error = read(LIBRARY, &LEAST.replace(this, that)).unwrap_err();
    error.to_string()
}

#[test]
fn the_sample_is_one_to_work_with() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/review.toml");
    let config = ServiceConfig::read(&path).unwrap();
    assert_eq!(config.findings(), [""; 0]);
    assert_eq!(config.artifacts.folder, path.with_file_name("artifacts"));
    assert_eq!(config.database().unwrap().kind(), "sqlite");
    assert_eq!(config.allow_list().unwrap().entries().len(), 2);
    // What it says of defaults is so.
    let least = read(LIBRARY, LEAST).unwrap();
    assert_eq!(config.ingest, least.ingest);
    let kept = |config: &ServiceConfig| (config.artifacts.raw_for, config.artifacts.redacted_for);
    assert_eq!(kept(&config), kept(&least));
    assert_eq!(config.notice.channel, least.notice.channel);
}

#[test]
fn what_is_wrong_is_told_with_what_to_write() {
    let refused = |this: &str, that: &str| {
        let said = refused(this, that);
        said.split_once("review.toml")
            .map(|(_, said)| said.to_owned())
            .unwrap_or(said)
    };
    let unknown = refused("[depot]", "[depto]");
    assert!(
        unknown.starts_with(":4:2: unknown field `depto`"),
        "{unknown}"
    );
    let list = refused("//depot/app/...", "//depot/../...");
    assert!(list.starts_with(": allow_list.prefixes: "), "{list}");
    let long = format!("'//depot/{}/...'", "x".repeat(12_300));
    let long = refused("'//depot/app/...'", &long);
    assert!(
        long.contains("write shorter ones, of 12288 bytes together"),
        "{long}"
    );
    let from = refused("reviews@example.org", "reviews");
    assert!(
        from.contains("notice.from: ") && from.contains("write ada@example.org"),
        "{from}"
    );
    let long = refused("[notice]", "[artifacts]\nraw_for = '8d'\n[notice]");
    assert_eq!(
        long,
        ": artifacts.raw_for: 8d is too long; write 7d or less"
    );
    let none = refused("[notice]", "[ingest]\nmax_in_flight = 0\n[notice]");
    assert_eq!(
        none,
        ": ingest.max_in_flight: 0 is out of range; write 1 to 10000"
    );
    let long = refused("[notice]", "[artifacts]\nredacted_for = '31days'\n[notice]");
    assert_eq!(
        long,
        ": artifacts.redacted_for: 31d is too long; write 30d or less"
    );
    for key in ["ingest]\nmax_body", "worker]\nconcurrency"] {
        let less = refused("[notice]", &format!("[{key} = -1\n[notice]"));
        assert!(
            less.ends_with("-1 is less than none; write 1 or more"),
            "{less}"
        );
    }
    for section in ["ingest", "worker"] {
        let place = refused(
            "[notice]",
            &format!("[{section}]\nlisten = '8080'\n[notice]"),
        );
        assert!(
            place.contains("`8080` is no address to listen at; write one with its port"),
            "{place}"
        );
    }
    let rollout = refused("[notice]", "[rollout]\nleast_jobs = 0\n[notice]");
    assert!(
        rollout.starts_with(": rollout: `least_jobs` is 0"),
        "{rollout}"
    );
}

#[test]
fn a_secret_that_stands_where_none_belongs_is_not_repeated() {
    let service = LEAST.replace(
        "model = 'reviewer'",
        "model = 'reviewer'\ncredential = 'hunter2'",
    );
    let error = read(LIBRARY, &service).unwrap_err().to_string();
    assert!(
        error.contains("write file:") && !error.contains("hunter2"),
        "{error}"
    );
}

#[test]
fn what_is_wrong_with_the_librarys_file_is_told_as_the_library_does() {
    let said = read("[database]\nulr = 'x'", LEAST)
        .unwrap_err()
        .to_string();
    assert!(said.contains("the nearest is `database.url`"), "{said}");
    let none = read("", LEAST).unwrap_err().to_string();
    assert!(
        none.contains("it names no database: give `database.url`"),
        "{none}"
    );
}

#[test]
fn a_file_that_is_no_text_is_as_wrong_as_one_that_is_no_toml() {
    let dir = tempfile::tempdir().unwrap();
    let (service, library) = (
        dir.path().join("review.toml"),
        dir.path().join("leasehold.toml"),
    );
    std::fs::write(&service, b"# caf\xe9").unwrap();
    let error = ServiceConfig::read(&service).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with(": byte 6 is not UTF-8; write the file as UTF-8"),
        "{error}"
    );
    assert_eq!(error.exit().code(), 78);
    std::fs::write(&service, LEAST).unwrap();
    std::fs::write(&library, b"# caf\xe9").unwrap();
    let error = ServiceConfig::read(&service).unwrap_err();
    assert!(
        error.to_string().contains("leasehold.toml: byte 6"),
        "{error}"
    );
    assert_eq!(error.exit().code(), 78);
}

#[test]
fn a_channel_that_nobody_has_is_found() {
    let config = read(LIBRARY, LEAST).unwrap();
    assert!(
        config.findings()[0].contains("the channel `mail`"),
        "{:?}",
        config.findings()
    );
    assert_eq!(
        config.artifacts.raw_for.get(),
        Duration::from_secs(7 * 24 * 3600)
    );
}
