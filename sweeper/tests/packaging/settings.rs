//! Units and the program agree: what they set is a setting, what they ask for is an option.

use std::collections::BTreeSet;
use std::time::Duration;

use queue_ops::{DeliverySection, Exit, KEYS, SweeperSection};

use crate::harness::{output, program};
use crate::unit::{NETWORK, drop_ins, environment, unit, values, variants};

/// What systemd puts in the place of specifiers and its own variables.
fn filled(text: &str, folder: &str) -> String {
    text.replace("${CONFIGURATION_DIRECTORY}", folder)
        .replace("%d", folder)
}

#[test]
fn variables_are_settings() {
    let texts = drop_ins().into_iter().map(|(_, text)| text);
    for text in texts.chain([unit()]) {
        for (name, _) in environment(&text) {
            let known = KEYS.iter().any(|key| key.variable() == name);
            assert!(known, "{name}");
        }
    }
}

/// The command line of the unit and its environment are read by the program itself.
#[test]
fn the_program_takes_what_units_give() {
    for drop_ins in variants() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().to_str().unwrap();
        std::fs::write(dir.path().join("leasehold.toml"), "").unwrap();
        std::fs::write(dir.path().join("database-url"), "postgres://db/app").unwrap();
        let unit = unit();
        let line = values(&unit, "ExecStart");
        let mut words = line[0].split(' ');
        assert_eq!(words.next(), Some("/usr/bin/leasehold-sweeper"));
        let mut command = program();
        command.args(words.map(|word| filled(word, folder)));
        let mut texts = vec![unit.clone()];
        texts.extend(drop_ins.iter().map(|(_, text)| text.clone()));
        for (name, value) in texts.iter().flat_map(|text| environment(text)) {
            command.env(name, filled(value, folder));
        }
        let names_database = drop_ins
            .iter()
            .any(|(_, text)| text.contains("LEASEHOLD_DATABASE_URL"));
        if !names_database {
            command.env(
                "LEASEHOLD_DATABASE_URL",
                "sqlite:/var/lib/leasehold/jobs.db",
            );
        }
        let (code, _, wrong) = output(command.arg("--check-config"));
        assert_eq!((code, wrong.as_str()), (0, ""), "{drop_ins:?}");
    }
}

/// A start that cannot succeed is not tried again, and a stop has the time that it may take.
#[test]
fn codes_and_times_fit() {
    let unit = unit();
    let hopeless: BTreeSet<_> = values(&unit, "RestartPreventExitStatus")[0]
        .split(' ')
        .map(|code| code.parse::<u8>().unwrap())
        .collect();
    let wanted = [Exit::Usage, Exit::Input, Exit::Schema, Exit::Config];
    assert_eq!(hopeless, wanted.map(Exit::code).into());

    let span = |text: &str, key: &str| -> Duration {
        humantime::parse_duration(values(text, key)[0]).unwrap()
    };
    let stop = span(&unit, "TimeoutStopSec");
    assert!(stop > SweeperSection::default().stop_timeout.get());
    // Sends that are under way have their grace, and ten seconds for their marks.
    assert!(stop > DeliverySection::default().grace.get() + Duration::from_secs(10));
    assert!(span(&unit, "WatchdogSec") >= SweeperSection::default().stuck_after.get());
    let network = drop_ins().into_iter().find(|(name, _)| name == NETWORK);
    let network = network.unwrap().1;
    assert!(environment(&network).contains(&("LEASEHOLD_HTTP_LISTEN", "127.0.0.1:9464")));
}
