//! Keeping the output of a finished stage.

use queue_core::{Checkpointed, Lease, StageOutput, codes::flag};

use crate::fault::Result;
use crate::row::{Columns, stored_type, stored_version};
use crate::session::Session;
use crate::sql::sql;

/// Stores a stage's output, unless it has one, and puts the next stage into its first attempt.
pub(crate) async fn checkpoint(
    session: &mut Session<'_>,
    lease: &Lease,
    output: &StageOutput,
) -> Result<Checkpointed> {
    let lock = session
        .statement(sql!("checkpoint", "checkpoint_lock"))
        .bind(lease.job().get())
        .bind(lease.fence().get())
        .bind(session.time());
    let Some(row) = session.maybe(lock).await? else {
        return Ok(Checkpointed::LeaseLost);
    };
    let mut row = Columns::of(&row);
    let flags: i16 = row.value()?;
    let progress = row.progress()?.after_checkpoint(&output.stage);
    let store = session
        .statement(sql!("checkpoint", "checkpoint_store"))
        .bind(lease.job().get())
        .bind(output.stage.as_str())
        .bind(stored_version(&output.output))
        .bind(stored_type(&output.output))
        .bind(output.output.bytes().as_ref());
    if session.execute(store).await? == 0 {
        return Ok(Checkpointed::AlreadyStored);
    }
    let advance = session
        .statement(sql!("checkpoint", "checkpoint_progress"))
        .bind(lease.job().get())
        .bind(progress.stage.as_ref().map(queue_core::StageName::as_str))
        .bind(i32::from(progress.attempt))
        .bind(progress.ledger.to_stored());
    session.execute(advance).await?;
    Ok(Checkpointed::Stored {
        cancel_requested: flags & flag::CANCEL != 0,
    })
}
