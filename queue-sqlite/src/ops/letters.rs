//! Dead letters: reading, evidence, replay, closure.

use queue_core::{
    Act, AuditEntry, Closure, DeadLetter, Evidence, EvidenceRecord, JobId, JobView, LetterChange,
    LetterFilter, LetterState, Page, ReasonCode, ReplayBatch, Replayed, StoreError, Timestamp,
    codes::{self, flag},
};
use rusqlite::{Row, params};

use crate::fault::{Fault, Result};
use crate::ops::turn::{self, Place};
use crate::ops::{audit, progress, view};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// The letter itself, without the job.
struct Head {
    id: JobId,
    state: LetterState,
    version: i64,
    deaths: u32,
    replays: u32,
    died_at: Timestamp,
    reason: Option<ReasonCode>,
}

fn decode(row: &Row<'_>) -> Result<Head> {
    let mut columns = Columns::of(row);
    Ok(Head {
        id: JobId::new(columns.value()?),
        state: codes::letter_state(columns.value()?)?,
        version: columns.value()?,
        deaths: columns.count()?,
        replays: columns.count()?,
        died_at: columns.time()?,
        reason: columns.maybe_name()?,
    })
}

fn head(session: &Session<'_>, id: JobId) -> Result<Option<Head>> {
    let mut statement = session.prepare(sql!("letters", "letters_one"))?;
    let mut rows = statement.query([id.get()])?;
    rows.next()?.map(decode).transpose()
}

/// One letter with its evidence.
pub(crate) fn one(session: &Session<'_>, id: JobId) -> Result<Option<DeadLetter>> {
    head(session, id)?
        .map(|head| whole(session, &head))
        .transpose()
}

/// Letters by job id.
pub(crate) fn page(
    session: &Session<'_>,
    filter: &LetterFilter,
    page: Page,
) -> Result<Vec<DeadLetter>> {
    let named = filter
        .jobs
        .as_ref()
        .map(|set| serde_json::to_string(set.jobs()))
        .transpose()
        .map_err(|error| StoreError::backend("writing numbers of jobs", error))?;
    let mut statement = session.prepare(sql!("letters", "letters_page"))?;
    let mut rows = statement.query(params![
        page.cursor().unwrap_or(i64::MIN),
        filter.state.map(codes::letter_code),
        filter.queue.as_ref().map(AsRef::<str>::as_ref),
        filter.kind.as_ref().map(AsRef::<str>::as_ref),
        filter.error_class.as_ref().map(AsRef::<str>::as_ref),
        filter.tenant.as_ref().map(AsRef::<str>::as_ref),
        filter.since.map(Timestamp::as_micros),
        filter.until.map(Timestamp::as_micros),
        page.limit(),
        filter.stage.as_ref().map(AsRef::<str>::as_ref),
        filter.reason.as_ref().map(AsRef::<str>::as_ref),
        filter.sought(),
        named,
    ])?;
    let mut letters = Vec::new();
    while let Some(row) = rows.next()? {
        letters.push(whole(session, &decode(row)?)?);
    }
    Ok(letters)
}

fn whole(session: &Session<'_>, head: &Head) -> Result<DeadLetter> {
    Ok(DeadLetter {
        job: job(session, head.id)?,
        state: head.state,
        version: head.version,
        deaths: head.deaths,
        replays: head.replays,
        died_at: head.died_at,
        reason: head.reason.clone(),
        evidence: evidence(session, head.id)?,
    })
}

/// The job where it is now; when it is nowhere any more, as the letter remembers it.
fn job(session: &Session<'_>, id: JobId) -> Result<JobView> {
    if let Some(job) = view::job(session, id)? {
        return Ok(job);
    }
    let mut statement = session.prepare(sql!("letters", "letters_job"))?;
    let mut rows = statement.query([id.get()])?;
    let row = rows
        .next()?
        .ok_or_else(|| Fault::corrupt(format!("dead letter {id} has no job")))?;
    Columns::of(row).view()
}

fn evidence(session: &Session<'_>, id: JobId) -> Result<Vec<EvidenceRecord>> {
    let mut statement = session.prepare(sql!("letters", "letters_evidence"))?;
    let mut rows = statement.query([id.get()])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row);
        records.push(EvidenceRecord {
            actor: columns.name()?,
            at: columns.time()?,
            evidence: Evidence {
                reference: columns.name()?,
                note: columns.name()?,
            },
        });
    }
    Ok(records)
}

/// Attaches evidence to a letter that is open or escalated.
pub(crate) fn attach(
    session: &Session<'_>,
    id: JobId,
    evidence: &Evidence,
    act: &Act,
) -> Result<LetterChange> {
    let Some(letter) = head(session, id)? else {
        return Ok(LetterChange::NotFound);
    };
    let state = letter.state;
    if !matches!(state, LetterState::Open | LetterState::Escalated) {
        return Ok(LetterChange::Refused { state });
    }
    session.execute(
        sql!("letters", "letters_attach"),
        params![
            id.get(),
            session.micros(),
            act.actor.as_str(),
            evidence.reference.as_str(),
            evidence.note.as_str()
        ],
    )?;
    change(
        session,
        &letter,
        state,
        AuditEntry::evidence(act, id, evidence),
    )
}

/// Queues jobs again, each on its own.
pub(crate) fn replay(
    session: &Session<'_>,
    batch: &ReplayBatch,
    act: &Act,
) -> Result<Vec<Replayed>> {
    let mut answers = Vec::with_capacity(batch.letters().len());
    for (id, version) in batch.letters() {
        let Some(letter) = head(session, *id)? else {
            answers.push(Replayed::NotFound);
            continue;
        };
        if letter.version != *version || !letter.state.may_become(LetterState::Replaying) {
            answers.push(Replayed::Changed {
                state: letter.state,
                version: letter.version,
            });
            continue;
        }
        let has_evidence = session
            .prepare(sql!("letters", "letters_has_evidence"))?
            .exists([id.get()])?;
        if !has_evidence {
            answers.push(Replayed::EvidenceMissing);
            continue;
        }
        requeue(session, *id, batch.discards_stages())?;
        audit::record(session, AuditEntry::replay(act, *id, *version, batch))?;
        answers.push(Replayed::Requeued);
    }
    Ok(answers)
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

/// Ends a letter without a replay. While its job runs again, only the job's end can.
pub(crate) fn close(
    session: &Session<'_>,
    id: JobId,
    closure: Closure,
    act: &Act,
) -> Result<LetterChange> {
    let Some(letter) = head(session, id)? else {
        return Ok(LetterChange::NotFound);
    };
    let (state, target) = (letter.state, closure.target());
    if state == LetterState::Replaying || !state.may_become(target) {
        return Ok(LetterChange::Refused { state });
    }
    change(
        session,
        &letter,
        target,
        AuditEntry::close(act, id, closure),
    )
}

fn change(
    session: &Session<'_>,
    letter: &Head,
    state: LetterState,
    entry: AuditEntry,
) -> Result<LetterChange> {
    session.execute(
        sql!("letters", "letters_set"),
        params![letter.id.get(), codes::letter_code(state), session.micros()],
    )?;
    audit::record(session, entry)?;
    Ok(LetterChange::Applied {
        version: letter.version + 1,
    })
}
