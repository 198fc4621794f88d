//! The keys that there are.

use queue_core::catalogue::nearest;

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
        meaning: "human or json",
        default: Some("\"human\""),
    },
    Key {
        path: "log.level",
        meaning: "error, warn, info, debug, trace or off; for single targets as warn,queue_core=debug",
        default: Some("\"warn,sqlx=error\""),
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
        nearest(path, called, |(called, _)| *called).map_or("", |(_, path)| path)
    }

    /// The variable that may have been meant.
    pub(super) fn nearest_variable(name: &str) -> Option<String> {
        nearest(name, KEYS, |key| key.variable()).map(Self::variable)
    }
}
