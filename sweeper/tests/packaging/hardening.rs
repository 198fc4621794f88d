//! systemd accepts the units, and finds little that the service could do beyond its work.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::root::Root;
use crate::tool::{run, said, systemd_analyze};
use crate::unit::{NETWORK, SERVICE, drop_ins, packaging, read, unit, values, variants};

/// What systemd would rather have, and why it is not so. Anything else is a setting that was lost.
const OPEN: [(&str, &str); 4] = [
    ("RootDirectory=/RootImage=", "the programs are the host's"),
    (
        "RestrictAddressFamilies=~AF_UNIX",
        "it serves on a socket, and speaks to systemd",
    ),
    (
        "DeviceAllow=",
        "ProtectClock= has a device of the clock readable",
    ),
    ("UMask=", "the group of a SQLite file writes to it as well"),
];
/// The same of single drop-ins.
const OPEN_WITH: [(&str, &[&str]); 2] = [
    (
        NETWORK,
        &[
            "PrivateNetwork=",
            "RestrictAddressFamilies=~AF_(INET|INET6)",
            "IPAddressDeny=",
        ],
    ),
    ("postgres-socket.conf", &["PrivateUsers="]),
];

#[test]
fn units_are_accepted() {
    for drop_ins in variants() {
        let root = Root::with(&unit(), &drop_ins);
        // Whether there is a manual is asked of this machine; another test makes it.
        let output = run(systemd_analyze()
            .args(["verify", "--man=no", &root.option()])
            .arg(SERVICE));
        assert!(
            output.status.success() && said(&output).is_empty(),
            "{drop_ins:?}: {}",
            said(&output)
        );
    }
}

#[test]
fn what_is_wrong_in_a_unit_is_found() {
    let unit = unit().replace("ProtectHome=yes", "ProtectHme=yes");
    let root = Root::with(&unit, &[]);
    let output = run(systemd_analyze()
        .args(["verify", "--man=no", &root.option()])
        .arg(SERVICE));
    assert!(said(&output).contains("ProtectHme"), "{}", said(&output));
}

/// The user that lasts is the one of the unit, and can do nothing else.
#[test]
fn the_lasting_user_is_the_units() {
    let root = Root::with(&unit(), &[]);
    let analyze = systemd_analyze();
    let program = Path::new(analyze.get_program()).with_file_name("systemd-sysusers");
    let file = packaging().join("systemd/leasehold.sysusers.conf");
    let output = run(Command::new(program).arg(root.option()).arg(file));
    assert!(output.status.success(), "{}", said(&output));
    let users = read(&root.path().join("etc/passwd"));
    let user = users.trim_end().split(':').collect::<Vec<_>>();
    assert_eq!([user[0]], values(&unit(), "User")[..]);
    assert!(user[6].ends_with("/nologin"), "{users}");
}

/// What the page allows a drop-in, or the unit without any.
fn most(drop_in: Option<&str>) -> f64 {
    let page = read(&packaging().join("systemd/README.md"));
    let named = drop_in.map_or("none".to_owned(), |name| format!("`{name}`"));
    let begin = format!("| {named} | ");
    let mut rows = page.lines().filter(|line| line.starts_with(&begin));
    let cell = rows.find_map(|row| row.strip_suffix(" |")?.rsplit(" | ").next()?.parse().ok());
    cell.unwrap_or_else(|| panic!("packaging/systemd/README.md has no exposure of {named}"))
}

/// As a number, which the page has, and setting by setting.
#[test]
fn units_are_hardened() {
    for drop_ins in variants() {
        let most = most(drop_ins.first().map(|(name, _)| name.as_str()));
        let root = Root::with(&unit(), &drop_ins);
        let exposure = exposure(&root);
        assert!(exposure <= most, "{drop_ins:?}: {exposure}");

        let mut allowed: BTreeSet<_> = OPEN.iter().map(|(name, _)| (*name).to_owned()).collect();
        for (drop_in, open) in OPEN_WITH {
            if drop_ins.iter().any(|(name, _)| name == drop_in) {
                allowed.extend(open.iter().map(|name| (*name).to_owned()));
            }
        }
        assert_eq!(open(&root), allowed, "{drop_ins:?}");
    }
}

/// All of them together, too: for delivery with secrets, from a database of this machine.
#[test]
fn drop_ins_go_together() {
    let without = |file: &str| -> Vec<_> {
        let all = drop_ins().into_iter();
        all.filter(|(name, _)| name != file).collect()
    };
    for drop_ins in [
        without("sqlite-of-a-service.conf"),
        without("postgres-socket.conf"),
    ] {
        let root = Root::with(&unit(), &drop_ins);
        let exposure = exposure(&root);
        assert!(exposure <= most(Some(NETWORK)), "{exposure}");
    }
}

/// Each line of the block counts for something: where one is lost, systemd sees more, and so do we.
#[test]
fn a_setting_that_is_lost_is_noticed() {
    // What a dynamic user implies would hide that a line is missing.
    let unit = unit().replace("DynamicUser=yes\n", "");
    let judged = [
        "PrivateNetwork",
        "IPAddressDeny",
        "CapabilityBoundingSet",
        "NoNewPrivileges",
        "PrivateUsers",
        "PrivateTmp",
        "PrivateMounts",
        "ProtectSystem",
        "ProtectHome",
        "ProtectProc",
        "ProcSubset",
        "ProtectClock",
        "ProtectHostname",
        "ProtectKernelLogs",
        "ProtectKernelModules",
        "ProtectKernelTunables",
        "ProtectControlGroups",
        "RestrictNamespaces",
        "RestrictRealtime",
        "RestrictSUIDSGID",
        "LockPersonality",
        "MemoryDenyWriteExecute",
        "SystemCallArchitectures",
        "SystemCallFilter",
        "RestrictAddressFamilies",
    ];
    let whole = open(&Root::with(&unit, &[]));
    for key in judged {
        assert!(!values(&unit, key).is_empty(), "{key}");
        let setting = format!("{key}=");
        let lines = unit.lines().filter(|line| !line.starts_with(&setting));
        let less: Vec<_> = lines.collect();
        let open = open(&Root::with(&less.join("\n"), &[]));
        assert!(!open.is_subset(&whole), "{key}: {open:?}");
    }
}

/// By systemd's own measure, from 0 to 10.
fn exposure(root: &Root) -> f64 {
    let output = run(systemd_analyze()
        .args(["security", "--offline=true", &root.option()])
        .arg(SERVICE));
    let said = said(&output);
    let line = said.lines().find(|line| line.contains("Overall exposure"));
    let number = line.and_then(|line| line.rsplit(": ").next()?.split(' ').next());
    number.and_then(|it| it.parse().ok()).expect(&said)
}

/// What systemd would have otherwise.
fn open(root: &Root) -> BTreeSet<String> {
    let output = run(systemd_analyze()
        .args(["security", "--offline=true", "--json=short", &root.option()])
        .arg(SERVICE));
    let rows: Result<Vec<Value>, _> = serde_json::from_slice(&output.stdout);
    let rows = rows.unwrap_or_else(|error| panic!("{error}: {}", said(&output)));
    let open = rows.into_iter().filter(|row| row["set"] == false);
    open.map(|row| row["name"].as_str().unwrap().to_owned())
        .collect()
}
