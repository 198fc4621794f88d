//! How the file lies and what is in it, read on a connection as the store opens them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use queue_core::{StoreError, Timestamp};
use rusqlite::Connection;
use rustix::fs::{Access, access, statvfs};

use crate::facts::{ContentFacts, PlaceFacts, SqliteFacts, SqlitePulse};
use crate::fault::Result;
use crate::options::SqliteOptions;
use crate::sql::sql;
use crate::{connection, migrations, place};

/// Everything that can be read. The file must be there; it is left as it is, its journal mode included.
pub(crate) fn facts(options: &SqliteOptions, deep: bool) -> Result<SqliteFacts> {
    let path = options.path();
    let place = lies(path)?;
    let mut unseen = Vec::new();
    // On a network its locks do not hold: it is better not opened at all.
    let content = match place.network {
        true => Err(StoreError::refused(
            path.display().to_string(),
            "it lies on a network file system",
            "put it on a local disk",
        )
        .into()),
        false => {
            connection::reader(options).and_then(|conn| content(&conn, options, deep, &mut unseen))
        }
    };
    let content = content.map_err(|fault| unseen.push(("the content of the file", told(fault))));
    Ok(SqliteFacts {
        path: path.to_owned(),
        library: rusqlite::version().to_owned(),
        synchronous: options.durability(),
        place,
        content: content.ok(),
        unseen,
    })
}

/// How many pages of the log wait to be put into the file. Not inside a transaction. Refused under another
/// schema than this build's.
pub(crate) fn pulse(conn: &Connection) -> Result<SqlitePulse> {
    migrations::check(conn)?;
    Ok(SqlitePulse {
        wal_pages: waiting(conn)?,
    })
}

fn waiting(conn: &Connection) -> Result<u64> {
    let mut statement = conn.prepare_cached(sql!("facts", "facts_wal"))?;
    // -1 where there is no log.
    let (all, done): (i64, i64) = statement.query_row([], |row| Ok((row.get(1)?, row.get(2)?)))?;
    Ok(u64::try_from(all - done).unwrap_or(0))
}

fn lies(path: &Path) -> std::result::Result<PlaceFacts, StoreError> {
    let unreadable = |error: std::io::Error| {
        StoreError::refused(
            path.display().to_string(),
            format!("it cannot be looked at: {error}"),
            "correct the path, or the rights of its directory",
        )
    };
    let about = fs::metadata(path).map_err(unreadable)?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let kind = place::kind_of(path);
    let room = statvfs(directory).ok();
    let mut log = PathBuf::from(path).into_os_string();
    log.push("-wal");
    Ok(PlaceFacts {
        network: kind.as_deref().is_some_and(place::is_network),
        volatile: kind.as_deref().is_some_and(place::is_volatile),
        file_system: kind,
        free_bytes: room.map(|room| room.f_bavail.saturating_mul(room.f_frsize)),
        bytes: about.len(),
        wal_bytes: fs::metadata(log).map_or(0, |log| log.len()),
        owner: about.uid(),
        mode: about.mode() & 0o7777,
        writable: access(path, Access::WRITE_OK).is_ok(),
        directory_writable: access(directory, Access::WRITE_OK | Access::EXEC_OK).is_ok(),
    })
}

fn content(
    conn: &Connection,
    options: &SqliteOptions,
    deep: bool,
    unseen: &mut Vec<(&'static str, String)>,
) -> Result<ContentFacts> {
    // Of this session alone, and as the writer's: what the library makes of it is read back.
    connection::make_durable(conn, options)?;
    let text = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, String>(0));
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let count = |name: &str| number(name).map(|it| u64::try_from(it).unwrap_or(0));
    let journal_mode = text("journal_mode")?;
    let mark = conn.prepare(sql!("facts", "facts_mark"));
    let mark = mark.and_then(|mut mark| mark.query_row([], |row| row.get::<_, i64>(0)));
    let ahead = mark.map(|mark| Timestamp::from_micros(mark).since(Timestamp::of_this_host()));
    let wal_pages = match journal_mode.as_str() {
        "wal" => {
            let waiting = waiting(conn);
            waiting
                .map_err(|fault| unseen.push(("the write-ahead log", told(fault))))
                .ok()
        }
        _ => None,
    };
    Ok(ContentFacts {
        synchronous: number("synchronous")?,
        page_size: count("page_size")?,
        pages: count("page_count")?,
        free_pages: count("freelist_count")?,
        wal_pages,
        busy: is_busy(conn),
        // Without a schema there is no mark.
        clock_ahead: ahead.ok(),
        damage: check(conn, deep)?,
        journal_mode,
    })
}

/// Without waiting: somebody who writes all the time is no trouble, and neither is one who just did.
fn is_busy(conn: &Connection) -> bool {
    let locked = conn.pragma_update(None, "query_only", false).is_ok()
        && conn.busy_timeout(std::time::Duration::ZERO).is_ok()
        && conn.execute_batch(sql!("facts", "facts_try")).is_err();
    // Ends what was begun, if it was.
    let _ = conn.execute_batch("ROLLBACK");
    let _ = conn.pragma_update(None, "query_only", true);
    locked
}

/// What is wrong in the file: its pages, and when it is to be deep also whether indexes agree with tables.
pub(crate) fn check(conn: &Connection, deep: bool) -> Result<Vec<String>> {
    let text = match deep {
        true => sql!("facts", "facts_deep"),
        false => sql!("facts", "facts_quick"),
    };
    let mut statement = conn.prepare(text)?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let lines: Vec<String> = lines.collect::<rusqlite::Result<_>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

fn told(fault: crate::fault::Fault) -> String {
    let error = fault.named("facts", std::time::Duration::ZERO);
    error.to_string()
}
