//! What earlier attempts left behind. Most jobs succeed at once and have none of it.

use queue_core::{
    Failure, Progress, ProgressReport, StageLedger, StageName, Timestamp, codes::flag,
};
use rusqlite::params;

use crate::fault::{Fault, Result};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Stores stage and ledger unless there are none and never were; returns the job's new flags.
pub(crate) fn put(session: &Session<'_>, job: i64, flags: i16, progress: &Progress) -> Result<i16> {
    let plain = progress.stage.is_none() && progress.ledger.is_empty();
    if plain && flags & flag::PROGRESS == 0 {
        return Ok(flags);
    }
    session.execute(
        sql!("progress", "progress_put"),
        params![
            job,
            progress.stage.as_ref().map(StageName::as_str),
            progress.ledger.to_stored()
        ],
    )?;
    Ok(flags | flag::PROGRESS)
}

/// Stores a failure; returns the job's new flags.
pub(crate) fn fail(session: &Session<'_>, job: i64, flags: i16, failure: &Failure) -> Result<i16> {
    session.execute(
        sql!("progress", "progress_failure"),
        params![
            job,
            failure.class.as_str(),
            failure.message,
            session.micros()
        ],
    )?;
    Ok(flags | flag::PROGRESS)
}

/// Stores what a job reports; its flags say already that there is a row.
pub(crate) fn report(session: &Session<'_>, job: i64, report: &ProgressReport) -> Result<()> {
    session.execute(
        sql!("progress", "progress_report"),
        params![job, report.percent(), report.note()],
    )?;
    Ok(())
}

/// What a job reported before it died is not said of its replay.
pub(crate) fn forget_report(session: &Session<'_>, job: i64) -> Result<()> {
    session.execute(sql!("progress", "progress_forget_report"), [job])?;
    Ok(())
}

/// The progress of a job with this many attempts, and when it first failed.
pub(crate) fn load(
    session: &Session<'_>,
    job: i64,
    flags: i16,
    attempt: u16,
) -> Result<(Progress, Option<Timestamp>)> {
    let mut progress = Progress {
        attempt,
        ..Progress::default()
    };
    if flags & flag::PROGRESS == 0 {
        return Ok((progress, None));
    }
    let mut statement = session.prepare(sql!("progress", "progress_load"))?;
    let mut rows = statement.query([job])?;
    let row = rows
        .next()?
        .ok_or_else(|| Fault::corrupt(format!("job {job} has lost its progress")))?;
    let mut columns = Columns::of(row);
    progress.stage = columns.maybe_name()?;
    let ledger: Option<String> = columns.value()?;
    progress.ledger = StageLedger::from_stored(ledger.as_deref())
        .map_err(|error| Fault::corrupt(format!("a stage ledger: {error}")))?;
    Ok((progress, columns.maybe_time()?))
}
