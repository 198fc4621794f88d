//! The schema: its steps, who may take them, and what opening accepts.

use std::time::Duration;

use queue_core::migration::{
    AppliedMigration, Migration, MigrationError, MigrationPlan, MigrationTarget, Survey, plan,
    verify,
};
use queue_core::{Act, AuditEntry, Clock, StoreError, StoreId};
use sqlx::{AssertSqlSafe, Executor, PgConnection, Row};

use crate::fault::{Fault, Result, standby};
use crate::ops::audit;
use crate::session::{Session, Setting};
use crate::sql::Dialect;

macro_rules! migration {
    ($version:literal, $name:literal, $file:literal) => {
        Migration {
            version: $version,
            name: $name,
            up: include_str!(concat!("../migrations/", $file, ".up.sql")),
            down: include_str!(concat!("../migrations/", $file, ".down.sql")),
        }
    };
}

/// All steps. A released one is never edited: what was applied is compared with it.
pub(crate) const MIGRATIONS: &[Migration] = &[
    migration!(1, "tables", "0001_tables"),
    migration!(2, "interface", "0002_interface"),
    migration!(3, "schedules", "0003_schedules"),
    migration!(4, "reports", "0004_reports"),
    migration!(5, "delivery", "0005_delivery"),
    migration!(6, "replay", "0006_replay"),
    migration!(7, "audit", "0007_audit"),
    migration!(8, "retention", "0008_retention"),
    migration!(9, "leader", "0009_leader"),
];

/// The version that this build works with.
pub(crate) const NEWEST: u32 = MIGRATIONS.len() as u32;

/// What is in the schema now: nothing, ours at these steps, or something of somebody else's.
async fn applied(
    conn: &mut PgConnection,
    dialect: &Dialect,
) -> Result<Option<Vec<AppliedMigration>>> {
    // Nothing is bound: that takes two messages, and outside a transaction a pooler may send the second
    // one elsewhere. A schema's name has been checked and needs no quoting.
    let schema = dialect.schema();
    let record = dialect.rename("leasehold.schema_migration");
    let look = format!(
        "SELECT to_regnamespace('\"{schema}\"') IS NOT NULL, EXISTS (SELECT FROM pg_class \
         JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = '{schema}'), \
         to_regclass('{record}') IS NOT NULL",
    );
    let row = conn.fetch_one(AssertSqlSafe(look)).await?;
    let (exists, used, ours): (bool, bool, bool) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    match (exists, used, ours) {
        (false, ..) => return Ok(None),
        (true, false, _) => return Ok(Some(Vec::new())),
        (true, true, false) => return Err(foreign(dialect).into()),
        (true, true, true) => {}
    }
    let text =
        dialect.rename("SELECT version, checksum FROM leasehold.schema_migration ORDER BY version");
    let rows = match conn.fetch_all(AssertSqlSafe(text)).await {
        Ok(rows) => rows,
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42703") => {
            return Err(foreign(dialect).into());
        }
        Err(error) => return Err(error.into()),
    };
    let read = |row: sqlx::postgres::PgRow| {
        Ok(AppliedMigration {
            version: u32::try_from(row.try_get::<i32, _>(0)?)
                .map_err(|_| Fault::corrupt("a schema version is negative"))?,
            checksum: row.try_get(1)?,
        })
    };
    rows.into_iter().map(read).collect::<Result<_>>().map(Some)
}

fn foreign(dialect: &Dialect) -> StoreError {
    StoreError::refused(
        format!("the schema {}", dialect.schema()),
        "it holds tables that are not Leasehold's",
        "choose another one with ?schema=",
    )
}

fn refused(error: MigrationError, dialect: &Dialect) -> StoreError {
    match error {
        MigrationError::Newer { found, known } => StoreError::SchemaMismatch {
            found,
            supported: known,
        },
        MigrationError::Unknown { .. } => StoreError::refused(
            "the schema version",
            error.to_string(),
            "nothing was changed",
        ),
        other => StoreError::refused(
            format!("the schema {}", dialect.schema()),
            other.to_string(),
            "use the program that migrated it, or restore a backup",
        ),
    }
}

async fn refuse_standby(conn: &mut PgConnection) -> Result<()> {
    let row = conn.fetch_one("SELECT pg_is_in_recovery()::int").await?;
    if row.try_get::<i32, _>(0)? == 1 {
        return Err(standby().into());
    }
    Ok(())
}

/// What opening asks for: a primary, and exactly the schema of this build.
pub(crate) async fn open(conn: &mut PgConnection, dialect: &Dialect) -> Result<StoreId> {
    refuse_standby(conn).await?;
    let applied = applied(conn, dialect).await?.unwrap_or_default();
    let found = verify(MIGRATIONS, &applied).map_err(|error| refused(error, dialect))?;
    if found != NEWEST {
        return Err(StoreError::SchemaMismatch {
            found,
            supported: NEWEST,
        }
        .into());
    }
    store_id(conn, dialect).await
}

/// The version that is there now; 0 is none.
pub(crate) async fn found(conn: &mut PgConnection, dialect: &Dialect) -> Result<u32> {
    let applied = applied(conn, dialect).await?.unwrap_or_default();
    Ok(applied.last().map_or(0, |step| step.version))
}

/// What there is of the steps, also on a standby.
pub(crate) async fn survey(conn: &mut PgConnection, dialect: &Dialect) -> Result<Survey> {
    let applied = applied(conn, dialect).await?.unwrap_or_default();
    let survey = queue_core::migration::survey(MIGRATIONS, &applied);
    Ok(survey.map_err(|error| refused(error, dialect))?)
}

/// Who wants another version, and what time it is where that is not the database's affair.
#[derive(Debug, Clone, Copy)]
pub(crate) struct By<'a> {
    pub(crate) act: &'a Act,
    pub(crate) clock: &'a Clock,
}

/// Goes to a version in one transaction, one process at a time, and returns the version reached. Who wants it
/// is put on record, where something was done and there is a trail left to have it.
pub(crate) async fn migrate(
    conn: &mut PgConnection,
    dialect: &Dialect,
    target: MigrationTarget,
    by: Option<By<'_>>,
) -> Result<u32> {
    refuse_standby(conn).await?;
    conn.execute("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    let result = match migrate_inside(conn, dialect, target).await {
        Ok((from, to)) => match by.filter(|_| from != to && to > 0) {
            Some(by) => record(conn, dialect, by, from, to).await.map(|()| to),
            None => Ok(to),
        },
        Err(fault) => Err(fault),
    };
    conn.execute(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })
        .await?;
    result
}

/// The last that the transaction does, since the lock of the trail is the last that any takes.
async fn record(
    conn: &mut PgConnection,
    dialect: &Dialect,
    by: By<'_>,
    from: u32,
    to: u32,
) -> Result<()> {
    let setting = Setting {
        dialect: Dialect::new(dialect.schema()),
        store: store_id(conn, dialect).await?,
        // It may come through a pooler, and is done once.
        prepared: false,
        patience: Duration::ZERO,
    };
    let time = by.clock.override_time();
    let mut session = Session::inside(conn, &setting, time).await?;
    audit::record_in(&mut session, to, AuditEntry::migrate(by.act, from, to)).await
}

async fn store_id(conn: &mut PgConnection, dialect: &Dialect) -> Result<StoreId> {
    let text = dialect.rename("SELECT store_id FROM leasehold.meta");
    let row = conn.fetch_one(AssertSqlSafe(text)).await?;
    Ok(StoreId::new(row.try_get(0)?))
}

/// From which version to which.
async fn migrate_inside(
    conn: &mut PgConnection,
    dialect: &Dialect,
    target: MigrationTarget,
) -> Result<(u32, u32)> {
    // Held until the commit: whoever comes second finds everything done.
    let lock = dialect
        .rename("SELECT pg_advisory_xact_lock(hashtextextended('leasehold.migration', 0))::text");
    conn.execute(AssertSqlSafe(lock)).await?;
    let found = applied(conn, dialect).await?;
    let steps = found.as_deref().unwrap_or_default();
    let from = steps.last().map_or(0, |step| step.version);
    let plan = plan(MIGRATIONS, steps, target).map_err(|error| refused(error, dialect))?;
    match plan {
        MigrationPlan::Up(steps) if steps.is_empty() => {}
        MigrationPlan::Up(steps) => {
            if found.is_none() {
                let create = format!("CREATE SCHEMA \"{}\"", dialect.schema());
                conn.execute(AssertSqlSafe(create)).await?;
            }
            conn.execute(AssertSqlSafe(dialect.rename(RECORD))).await?;
            for step in steps {
                conn.execute(AssertSqlSafe(dialect.rename(step.up))).await?;
                let record = dialect.rename(
                    "INSERT INTO leasehold.schema_migration (version, name, checksum, applied_at) \
                     VALUES ($1, $2, $3, statement_timestamp())",
                );
                sqlx::query(AssertSqlSafe(record))
                    .bind(i32::try_from(step.version).unwrap_or(i32::MAX))
                    .bind(step.name)
                    .bind(step.checksum())
                    .persistent(false)
                    .execute(&mut *conn)
                    .await?;
            }
        }
        MigrationPlan::Down(steps) => {
            for step in steps {
                conn.execute(AssertSqlSafe(dialect.rename(step.down)))
                    .await?;
                let forget =
                    dialect.rename("DELETE FROM leasehold.schema_migration WHERE version = $1");
                sqlx::query(AssertSqlSafe(forget))
                    .bind(i32::try_from(step.version).unwrap_or(i32::MAX))
                    .persistent(false)
                    .execute(&mut *conn)
                    .await?;
            }
        }
    }
    let reached = applied(conn, dialect).await?.unwrap_or_default();
    let version = verify(MIGRATIONS, &reached).map_err(|error| refused(error, dialect))?;
    if version == 0 && found.is_some_and(|steps| !steps.is_empty()) {
        conn.execute(AssertSqlSafe(
            dialect.rename("DROP TABLE leasehold.schema_migration"),
        ))
        .await?;
        let drop = format!("DROP SCHEMA \"{}\"", dialect.schema());
        if dialect.schema() != "public" {
            conn.execute(AssertSqlSafe(drop)).await?;
        }
    }
    Ok((from, version))
}

const RECORD: &str = "CREATE TABLE IF NOT EXISTS leasehold.schema_migration (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL
)";
