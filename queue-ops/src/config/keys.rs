//! The keys that there are.

use queue_core::catalogue::nearest;

use crate::delivery::TABLES;

/// A key of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Key {
    /// Its table and its name: `database.url`.
    pub path: &'static str,
    /// What it is for, in a line.
    pub meaning: &'static str,
    /// What holds where nobody says otherwise, as it stands in TOML; nothing, if there is no such.
    pub default: Option<&'static str>,
}

/// All of them, table by table.
pub const KEYS: &[Key] = &[
    Key {
        path: "database.url",
        meaning: "sqlite:path, or postgres://user@host/database",
        default: None,
    },
    Key {
        path: "database.url_file",
        meaning: "a file with the URL, for URLs with passwords; read when the program starts",
        default: None,
    },
    Key {
        path: "log.format",
        meaning: "human, json, or journal, which human becomes where stderr leads to systemd's journal",
        default: Some("\"human\""),
    },
    Key {
        path: "log.level",
        meaning: "error, warn, info, debug, trace or off; for single targets as warn,queue_core=debug",
        default: Some("\"warn,sqlx=error\""),
    },
    Key {
        path: "log.traces",
        meaning: "where the daemon sends traces by OTLP, like http://127.0.0.1:4318/v1/traces, if it is built with `otlp`",
        default: None,
    },
    Key {
        path: "sweeper.name",
        meaning: "the name in logs and as a leader; made of host and process unless it is said",
        default: None,
    },
    Key {
        path: "sweeper.leases_every",
        meaning: "how often expired leases are swept; off for never, as in all that follow",
        default: Some("\"5s\""),
    },
    Key {
        path: "sweeper.leases_page",
        meaning: "how many leases are swept in a transaction, 1 to 1000",
        default: Some("500"),
    },
    Key {
        path: "sweeper.set_aside_for",
        meaning: "how long a row is left alone that makes its page fail",
        default: Some("\"10m\""),
    },
    Key {
        path: "sweeper.doubts_every",
        meaning: "how often notifications are looked for that were interrupted while being sent",
        default: Some("\"5s\""),
    },
    Key {
        path: "sweeper.doubts_page",
        meaning: "how many of them are put into doubt in a transaction, 1 to 1000",
        default: Some("500"),
    },
    Key {
        path: "sweeper.schedules_every",
        meaning: "how often schedules are looked at, beside their own ticks",
        default: Some("\"10s\""),
    },
    Key {
        path: "sweeper.retention_every",
        meaning: "how often what is over is removed, and partitions are made",
        default: Some("\"10m\""),
    },
    Key {
        path: "sweeper.retention_page",
        meaning: "how many rows of a sort are removed in a transaction, 1 to 1000",
        default: Some("1000"),
    },
    Key {
        path: "sweeper.audit_archive",
        meaning: "the folder for audit records that are kept no longer, in signed files; without it all stay",
        default: None,
    },
    Key {
        path: "sweeper.audit_key_file",
        meaning: "the private key that these files are signed with, of `leasehold audit keygen`",
        default: None,
    },
    Key {
        path: "sweeper.statistics_every",
        meaning: "how often gauges are measured",
        default: Some("\"15s\""),
    },
    Key {
        path: "sweeper.log_every",
        meaning: "how often a line of figures is logged",
        default: Some("\"1m\""),
    },
    Key {
        path: "sweeper.escalations_every",
        meaning: "how often incidents are looked at whose cause may be gone",
        default: Some("\"15s\""),
    },
    Key {
        path: "sweeper.audit_every",
        meaning: "how often the audit chain is verified from where it was left",
        default: Some("\"1m\""),
    },
    Key {
        path: "sweeper.audit_anew_every",
        meaning: "how often it is verified from its beginning: what was changed in records that were verified before",
        default: Some("\"1day\""),
    },
    Key {
        path: "sweeper.audit_page",
        meaning: "how many records of it are read at a time, 1 to 1000",
        default: Some("1000"),
    },
    Key {
        path: "sweeper.leader_lease",
        meaning: "how long a leader that was lost holds up schedules and retention",
        default: Some("\"10s\""),
    },
    Key {
        path: "sweeper.stuck_after",
        meaning: "how long a loop may go without an answer of the database before the watchdog is not fed",
        default: Some("\"1m\""),
    },
    Key {
        path: "sweeper.stop_timeout",
        meaning: "how long loops may finish what they are at when the process is to stop",
        default: Some("\"20s\""),
    },
    Key {
        path: "http.listen",
        meaning: "where health and metrics are served: host:port, unix:/path or off",
        default: Some("\"127.0.0.1:9464\""),
    },
    Key {
        path: "delivery.name",
        meaning: "the name by which a deliverer holds messages; made of host and process unless it is said",
        default: None,
    },
    Key {
        path: "delivery.grace",
        meaning: "how long sends may go on when the process is to stop; what waits for an answer then is in doubt",
        default: Some("\"30s\""),
    },
    Key {
        path: "delivery.reconcile_every",
        meaning: "how often doubts are taken up",
        default: Some("\"5s\""),
    },
    Key {
        path: "delivery.resolve_every",
        meaning: "how often incidents are looked at whose cause may be gone",
        default: Some("\"15s\""),
    },
];

impl Key {
    /// The variable of the environment that overrides it.
    ///
    /// ```
    /// use queue_ops::KEYS;
    /// assert_eq!(KEYS[0].variable(), "LEASEHOLD_DATABASE_URL");
    /// ```
    #[must_use]
    pub fn variable(&self) -> String {
        format!("LEASEHOLD_{}", self.path.replace('.', "_").to_uppercase())
    }

    /// Its table and its name in it.
    pub(super) fn parts(&self) -> (&'static str, &'static str) {
        self.path.split_once('.').unwrap_or(("", self.path))
    }

    /// The key that may have been meant.
    pub(super) fn nearest(path: &str) -> &'static str {
        let has_table = path.contains('.');
        // Who leaves the table out, or mistakes it, means a part.
        let called = KEYS.iter().flat_map(|key| {
            let (table, name) = key.parts();
            let parts = [key.path, name, table];
            parts
                .map(|called| (called, key.path))
                .into_iter()
                .take(if has_table { 1 } else { 3 })
        });
        let tables = TABLES
            .iter()
            .filter(|_| !has_table)
            .map(|table| (*table, *table));
        let called = called.chain(tables);
        nearest(path, called, |(called, _)| *called).map_or("", |(_, path)| path)
    }
}
