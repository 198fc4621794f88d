//! What survives what. The page `docs/guides/durability.md` says the same.

use queue_postgres::PostgresFacts;
use queue_sqlite::SqliteFacts;
use serde::Serialize;

use super::postgres::awaited;

/// What is kept of all that was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Survival {
    /// All of it.
    Everything,
    /// All but the last commits before it.
    NotTheLast,
    /// Only what the last backup has.
    OnlyBackups,
    /// Perhaps nothing that can be read.
    PerhapsNothing,
    /// What that depends on cannot be seen.
    Unknown,
}

impl Survival {
    /// In words.
    ///
    /// ```
    /// use queue_ops::doctor::Survival;
    /// assert_eq!(Survival::Everything.described(), "nothing is lost");
    /// ```
    #[must_use]
    pub const fn described(self) -> &'static str {
        match self {
            Self::Everything => "nothing is lost",
            Self::NotTheLast => "the last commits before it may be lost",
            Self::OnlyBackups => "what is in no backup is lost",
            Self::PerhapsNothing => "the database may be damaged",
            Self::Unknown => "it cannot be seen what survives",
        }
    }
}

/// What survives what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Guarantee {
    /// A process crashes: a service, or the database server.
    pub process: Survival,
    /// The machine of the database crashes or loses power.
    pub machine: Survival,
    /// That machine is lost, with its disks.
    pub loss: Survival,
}

/// By the settings of our own sessions and the place of the file.
pub(super) fn of_sqlite(facts: &SqliteFacts) -> Guarantee {
    let place = &facts.place;
    let machine = match facts.content.as_ref().map(|content| content.synchronous) {
        _ if place.network => Survival::PerhapsNothing,
        _ if place.volatile => Survival::OnlyBackups,
        None => Survival::Unknown,
        Some(2..) => Survival::Everything,
        Some(1) => Survival::NotTheLast,
        Some(_) => Survival::PerhapsNothing,
    };
    // Of a file that cannot be read, or that is no database, nothing can be promised.
    let damaged = facts
        .content
        .as_ref()
        .is_some_and(|content| !content.damage.is_empty());
    Guarantee {
        process: match (place.network || damaged, &facts.content) {
            (true, _) => Survival::PerhapsNothing,
            (false, None) => Survival::Unknown,
            (false, Some(_)) => Survival::Everything,
        },
        machine: if damaged {
            Survival::PerhapsNothing
        } else {
            machine
        },
        loss: Survival::OnlyBackups,
    }
}

/// By the settings of our own sessions and the standbys that are really there.
pub(super) fn of_postgres(facts: &PostgresFacts) -> Guarantee {
    let server = &facts.server;
    // What a standby shows was acknowledged by somebody else.
    if server.standby {
        let unknown = Survival::Unknown;
        return Guarantee {
            process: unknown,
            machine: unknown,
            loss: unknown,
        };
    }
    let waits = server.synchronous_commit != "off";
    let process = if waits {
        Survival::Everything
    } else {
        Survival::NotTheLast
    };
    let machine = match (server.fsync && server.full_page_writes, waits) {
        (false, _) => Survival::PerhapsNothing,
        (true, true) => Survival::Everything,
        (true, false) => Survival::NotTheLast,
    };
    Guarantee {
        process,
        machine,
        loss: loss(facts),
    }
}

fn loss(facts: &PostgresFacts) -> Survival {
    let server = &facts.server;
    let wanted = awaited(&server.synchronous_standby_names);
    let Some(standbys) = facts.standbys.filter(|_| server.sees_statistics) else {
        return Survival::Unknown;
    };
    // With `remote_write` the standby has it in memory: that survives the primary, unless both go at once.
    let waits = matches!(
        server.synchronous_commit.as_str(),
        "on" | "remote_apply" | "remote_write"
    );
    if wanted > 0 && waits && standbys.synchronous >= wanted {
        Survival::Everything
    } else if standbys.streaming > 0 {
        Survival::NotTheLast
    } else {
        Survival::OnlyBackups
    }
}
