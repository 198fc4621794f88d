//! The schema: numbered steps, and carrying out the plan that `queue-core` makes.

use queue_core::migration::{
    AppliedMigration, Migration, MigrationError, MigrationPlan, MigrationTarget, Survey, plan,
    verify,
};
use queue_core::{Act, AuditEntry, StoreError, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::clock::HostClock;
use crate::fault::Result;
use crate::ops::audit;
use crate::session::{Meta, Session};
use crate::sql::sql;

/// All steps of the schema, first to last.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "tables",
        up: include_str!("../migrations/0001_tables.up.sql"),
        down: include_str!("../migrations/0001_tables.down.sql"),
    },
    Migration {
        version: 2,
        name: "interface",
        up: include_str!("../migrations/0002_interface.up.sql"),
        down: include_str!("../migrations/0002_interface.down.sql"),
    },
    Migration {
        version: 3,
        name: "schedules",
        up: include_str!("../migrations/0003_schedules.up.sql"),
        down: include_str!("../migrations/0003_schedules.down.sql"),
    },
    Migration {
        version: 4,
        name: "reports",
        up: include_str!("../migrations/0004_reports.up.sql"),
        down: include_str!("../migrations/0004_reports.down.sql"),
    },
    Migration {
        version: 5,
        name: "delivery",
        up: include_str!("../migrations/0005_delivery.up.sql"),
        down: include_str!("../migrations/0005_delivery.down.sql"),
    },
    Migration {
        version: 6,
        name: "replay",
        up: include_str!("../migrations/0006_replay.up.sql"),
        down: include_str!("../migrations/0006_replay.down.sql"),
    },
    Migration {
        version: 7,
        name: "audit",
        up: include_str!("../migrations/0007_audit.up.sql"),
        down: include_str!("../migrations/0007_audit.down.sql"),
    },
    Migration {
        version: 8,
        name: "retention",
        up: include_str!("../migrations/0008_retention.up.sql"),
        down: include_str!("../migrations/0008_retention.down.sql"),
    },
    Migration {
        version: 9,
        name: "leader",
        up: include_str!("../migrations/0009_leader.up.sql"),
        down: include_str!("../migrations/0009_leader.down.sql"),
    },
];

/// The version that this build works with.
pub(crate) const NEWEST: u32 = MIGRATIONS.len() as u32;

/// What the database remembers.
pub(crate) fn applied(conn: &Connection) -> Result<Vec<AppliedMigration>> {
    let exists = conn
        .prepare(sql!("migrations", "migrations_exists"))?
        .exists([])?;
    let foreign: Option<String> = conn
        .prepare(sql!("migrations", "migrations_foreign"))?
        .query_row([exists], |row| row.get(0))
        .optional()?;
    if let Some(name) = foreign {
        return Err(StoreError::refused(
            format!("the table {name}"),
            "it has a name of this library's, and is not this library's",
            "use another file, or give the table another name",
        )
        .into());
    }
    if !exists {
        return Ok(Vec::new());
    }
    let mut statement = conn.prepare(sql!("migrations", "migrations_applied"))?;
    let applied = statement.query_map([], |row| {
        Ok(AppliedMigration {
            version: row.get(0)?,
            checksum: row.get(1)?,
        })
    })?;
    Ok(applied.collect::<rusqlite::Result<_>>()?)
}

/// Refuses a schema that is not exactly the one that this build knows.
pub(crate) fn check(conn: &Connection) -> Result<()> {
    let found = verify(MIGRATIONS, &applied(conn)?).map_err(refusal)?;
    if found == NEWEST {
        return Ok(());
    }
    Err(StoreError::SchemaMismatch {
        found,
        supported: NEWEST,
    }
    .into())
}

/// What there is of the steps.
pub(crate) fn survey(conn: &Connection) -> Result<Survey> {
    Ok(queue_core::migration::survey(MIGRATIONS, &applied(conn)?).map_err(refusal)?)
}

/// The first version in which the audit trail may begin with an archive.
const SEALED: u32 = 8;

/// Goes to the target and returns the version. The database's own lock lets one process at a time do
/// so; what one has done the next finds done. Who wants it is put on record, where something was done and
/// there is a trail left to have it.
pub(crate) fn migrate(
    conn: &mut Connection,
    target: MigrationTarget,
    by: Option<(&Act, &HostClock)>,
) -> Result<u32> {
    let tx = Transaction::new(conn, TransactionBehavior::Immediate)?;
    let applied = applied(&tx)?;
    let from = verify(MIGRATIONS, &applied).map_err(refusal)?;
    let plan = plan(MIGRATIONS, &applied, target).map_err(refusal)?;
    let to = carry_out(&tx, from, &plan)?;
    if let Some((act, clock)) = by
        && from != to
        && to > 0
    {
        let meta = Meta::load(&tx)?;
        let session = Session::new(&tx, &meta, clock);
        let head = audit::head(&session, to >= SEALED)?;
        audit::record_behind(&session, head.as_ref(), AuditEntry::migrate(act, from, to))?;
    }
    tx.commit()?;
    if from != to {
        tracing::info!(from, to, "migrated the schema");
    }
    Ok(to)
}

fn carry_out(tx: &Transaction<'_>, from: u32, plan: &MigrationPlan<'_>) -> Result<u32> {
    let mut version = from;
    match plan {
        MigrationPlan::Up(steps) => {
            if from == 0 && !steps.is_empty() {
                tx.execute_batch(sql!("migrations", "migrations_create"))?;
            }
            for step in steps {
                tx.execute_batch(step.up)?;
                let now = Timestamp::of_this_host().as_micros();
                tx.execute(
                    sql!("migrations", "migrations_record"),
                    params![step.version, step.name, step.checksum(), now],
                )?;
                version = step.version;
            }
        }
        MigrationPlan::Down(steps) => {
            for step in steps {
                tx.execute_batch(step.down)?;
                tx.execute(sql!("migrations", "migrations_forget"), [step.version])?;
                version = step.version - 1;
            }
            if version == 0 && from > 0 {
                tx.execute_batch(sql!("migrations", "migrations_drop"))?;
            }
        }
    }
    Ok(version)
}

fn refusal(error: MigrationError) -> StoreError {
    match error {
        MigrationError::Newer { found, known } => StoreError::SchemaMismatch {
            found,
            supported: known,
        },
        MigrationError::Unknown { known, .. } => StoreError::refused(
            "the schema version asked for",
            error.to_string(),
            format!("name one from 0 to {known}"),
        ),
        MigrationError::Edited { .. } | MigrationError::Gap(_) => StoreError::refused(
            "the database's schema",
            error.to_string(),
            "use the program that migrated it",
        ),
        _ => StoreError::backend("planning a migration", error),
    }
}
