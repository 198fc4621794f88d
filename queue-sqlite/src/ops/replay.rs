//! Replays: dead jobs are queued again.

use queue_core::{
    Act, AuditEntry, JobId, ReplayBatch, Replayed,
    codes::{self, flag},
};
use rusqlite::params;

use crate::fault::{Fault, Result};
use crate::ops::turn::{self, Place};
use crate::ops::{audit, letters, progress, triage};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Queues jobs again, each on its own, on record.
pub(crate) fn replay(
    session: &Session<'_>,
    batch: &ReplayBatch,
    act: &Act,
) -> Result<Vec<Replayed>> {
    let replay = |(id, version): &(JobId, i64)| {
        let replayed = one(session, *id, *version, batch.discards_stages())?;
        if replayed == Replayed::Requeued {
            audit::record(session, AuditEntry::replay(act, *id, *version, batch))?;
        }
        Ok(replayed)
    };
    batch.letters().iter().map(replay).collect()
}

/// Queues one job again, if its letter is as it was seen and has evidence.
pub(crate) fn one(
    session: &Session<'_>,
    id: JobId,
    seen: i64,
    from_start: bool,
) -> Result<Replayed> {
    let Some((state, version)) = letters::standing(session, id)? else {
        return Ok(Replayed::NotFound);
    };
    let has_evidence = triage::has_evidence(session, id)?;
    if let Some(refusal) = Replayed::refusal(state, version, seen, has_evidence) {
        return Ok(refusal);
    }
    requeue(session, id, from_start)?;
    Ok(Replayed::Requeued)
}

fn requeue(session: &Session<'_>, id: JobId, from_start: bool) -> Result<()> {
    if from_start {
        session.execute(sql!("settle", "settle_drop_stages"), [id.get()])?;
    }
    let mut statement = session.prepare(sql!("letters", "letters_turn"))?;
    let mut rows = statement.query([id.get()])?;
    let row = rows
        .next()?
        .ok_or_else(|| Fault::corrupt(format!("dead letter {id} is gone")))?;
    let mut columns = Columns::of(row);
    let (queue, key): (String, Option<String>) = (columns.value()?, columns.value()?);
    let priority = columns.value()?;
    let (about, stages): (bool, bool) = (columns.value()?, columns.value()?);
    let progress = columns.progress()?.for_replay(from_start);
    let state = match &key {
        Some(key) => {
            let place = Place {
                job: id.get(),
                queue: &queue,
                key,
                priority,
                run_at: session.micros(),
            };
            turn::join(session, &place)?
        }
        None => codes::READY,
    };
    let flags = [
        (true, flag::REPLAYED),
        (true, flag::PROGRESS),
        (key.is_some(), flag::ORDERED),
        (about, flag::SUBJECT),
        (stages, flag::STAGES),
    ];
    let flags = flags
        .into_iter()
        .filter(|(holds, _)| *holds)
        .fold(0, |flags, (_, flag)| flags | flag);
    session.execute(
        sql!("letters", "letters_requeue"),
        params![id.get(), state, flags, session.micros(), progress.attempt],
    )?;
    progress::put(session, id.get(), flags, &progress)?;
    progress::forget_report(session, id.get())?;
    session.execute(
        sql!("letters", "letters_replaying"),
        [id.get(), session.micros()],
    )?;
    if state == codes::READY {
        session.wake();
    }
    Ok(())
}
