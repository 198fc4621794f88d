//! Storing the outputs of finished stages.

use queue_core::{Checkpointed, Lease, StageOutput, codes::flag};
use rusqlite::params;

use crate::fault::Result;
use crate::ops::progress;
use crate::row::{Columns, stored_type};
use crate::session::Session;
use crate::sql::sql;

/// Stores an output under a current lease, unless its stage has one.
pub(crate) fn checkpoint(
    session: &Session<'_>,
    lease: &Lease,
    output: &StageOutput,
) -> Result<Checkpointed> {
    let job = lease.job().get();
    let mut statement = session.prepare(sql!("checkpoint", "checkpoint_current"))?;
    let mut rows = statement.query([job, lease.fence().get(), session.micros()])?;
    let Some(row) = rows.next()? else {
        return Ok(Checkpointed::LeaseLost);
    };
    let mut columns = Columns::of(row);
    let flags: i16 = columns.value()?;
    let progress = columns.progress()?;
    let stored = session.execute(
        sql!("checkpoint", "checkpoint_output"),
        params![
            job,
            output.stage.as_str(),
            output.output.schema_version(),
            stored_type(&output.output),
            output.output.bytes().as_ref()
        ],
    )?;
    if stored == 0 {
        return Ok(Checkpointed::AlreadyStored);
    }
    let next = progress.after_checkpoint(&output.stage);
    let flags = progress::put(session, job, flags | flag::STAGES, &next)?;
    session.execute(
        sql!("settle", "settle_attempt"),
        params![job, next.attempt, flags],
    )?;
    Ok(Checkpointed::Stored {
        cancel_requested: flags & flag::CANCEL != 0,
    })
}
