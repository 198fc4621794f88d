//! Taking a job out of the live ones: to history or to its dead letter.

use queue_core::{
    Burial, ErrorClass, Fence, JobId, LetterState, Payload, ReasonCode, Revision, Subject,
    codes::{self, flag},
};
use rusqlite::{OptionalExtension, params};

use crate::fault::Result;
use crate::ops::{runs, turn};
use crate::row::{Columns, stored_type};
use crate::session::Session;
use crate::sql::sql;

/// What decides how a live job may leave.
pub(crate) struct Look {
    pub(crate) id: JobId,
    pub(crate) fence: Fence,
    pub(crate) state: i16,
    pub(crate) flags: i16,
    pub(crate) lease_expires_at: Option<i64>,
    pub(crate) run_at: i64,
    pub(crate) attempt: i64,
    pub(crate) queue: String,
    pub(crate) kind: String,
    pub(crate) ordering_key: Option<String>,
    pub(crate) subject: Option<(Subject, Revision)>,
}

/// Looks at a live job.
pub(crate) fn look(session: &Session<'_>, id: JobId) -> Result<Option<Look>> {
    let mut statement = session.prepare(sql!("settle", "settle_look"))?;
    let mut rows = statement.query([id.get()])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let mut columns = Columns::of(row);
    Ok(Some(Look {
        id,
        fence: columns.fence()?,
        state: columns.value()?,
        flags: columns.value()?,
        lease_expires_at: columns.value()?,
        run_at: columns.value()?,
        attempt: columns.value()?,
        queue: columns.value()?,
        kind: columns.value()?,
        ordering_key: columns.value()?,
        subject: columns.subject()?,
    }))
}

impl Look {
    pub(crate) fn cancel_requested(&self) -> bool {
        self.flags & flag::CANCEL != 0
    }

    /// It is no longer queued or running: if it was the admitted one of its ordering key, the next
    /// one is.
    pub(crate) fn pass_turn(&self, session: &Session<'_>) -> Result<()> {
        match &self.ordering_key {
            Some(key) if self.state != codes::AWAITING => {
                let was_admitted = self.state != codes::WAITING;
                turn::leave(session, self.id.get(), was_admitted, &self.queue, key)
            }
            _ => Ok(()),
        }
    }
}

/// How a job ends in history.
pub(crate) struct Ending {
    state: i16,
    result: Option<Payload>,
}

impl Ending {
    pub(crate) fn succeeded(result: Option<Payload>) -> Self {
        Self {
            state: codes::SUCCEEDED,
            result,
        }
    }

    /// With the reason as JSON result.
    pub(crate) fn cancelled(reason: &str) -> Self {
        Self {
            state: codes::CANCELLED,
            result: Some(Payload::of_cancellation(reason)),
        }
    }
}

/// Moves a job to history, and with it everything that hangs on its end.
pub(crate) fn finish(session: &Session<'_>, job: &Look, ending: &Ending) -> Result<()> {
    let id = job.id.get();
    let result = ending.result.as_ref();
    session.execute(
        sql!("settle", "settle_archive"),
        params![
            id,
            ending.state,
            session.micros(),
            job.run_at,
            job.fence.get(),
            job.attempt,
            result.map(Payload::schema_version),
            result.and_then(stored_type),
            result.map(|payload| payload.bytes().as_ref())
        ],
    )?;
    session.execute(sql!("settle", "settle_remove"), [id])?;
    if job.flags & flag::STAGES != 0 {
        session.execute(sql!("settle", "settle_drop_stages"), [id])?;
    }
    if job.state == codes::AWAITING {
        session.execute(sql!("settle", "settle_release_requirements"), [id])?;
        session.execute(sql!("settle", "settle_result_drop"), [id])?;
    }
    let succeeded = ending.state == codes::SUCCEEDED;
    if let Some((subject, revision)) = job.subject.as_ref().filter(|_| succeeded) {
        session.execute(
            sql!("settle", "settle_subject"),
            params![
                job.kind,
                subject.as_str(),
                id,
                revision.get(),
                session.micros()
            ],
        )?;
    }
    if job.flags & flag::REPLAYED != 0 {
        let letter = if succeeded {
            LetterState::Resolved
        } else {
            LetterState::Discarded
        };
        session.execute(
            sql!("settle", "settle_close_letter"),
            params![
                id,
                codes::letter_code(letter),
                session.micros(),
                letter.note_of_replay()
            ],
        )?;
        runs::note(session, id, letter)?;
    }
    job.pass_turn(session)
}

/// Moves a job to its dead letter: a new one, or the one it came from. Says what that is now.
pub(crate) fn bury(session: &Session<'_>, job: &Look, burial: &Burial) -> Result<LetterState> {
    let id = job.id.get();
    let class = &burial.failure.class;
    let prior: Option<(i16, String)> = session
        .prepare(sql!("settle", "settle_letter"))?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let prior = match prior {
        Some((code, class)) if codes::letter_state(code)? == LetterState::Replaying => {
            Some(ErrorClass::new(class)?)
        }
        _ => None,
    };
    let letter = LetterState::on_death(prior.as_ref(), class);
    session.execute(
        sql!("settle", "settle_bury"),
        params![
            id,
            codes::letter_code(letter),
            session.micros(),
            class.as_str(),
            burial.failure.reason.as_ref().map(ReasonCode::as_str),
            burial.failure.message,
            burial.progress.stage_name().as_str()
        ],
    )?;
    session.execute(sql!("settle", "settle_remove"), [id])?;
    if job.flags & flag::REPLAYED != 0 {
        runs::note(session, id, letter)?;
    }
    job.pass_turn(session)?;
    Ok(letter)
}

/// What a job that awaits delivery has come to.
pub(crate) fn awaited_result(session: &Session<'_>, id: JobId) -> Result<Option<Payload>> {
    let mut statement = session.prepare(sql!("settle", "settle_result_load"))?;
    let mut rows = statement.query([id.get()])?;
    match rows.next()? {
        Some(row) => Columns::of(row).maybe_payload(),
        None => Ok(None),
    }
}
