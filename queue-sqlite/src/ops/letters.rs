//! Dead letters: reading, evidence, replay, closure.

use queue_core::{
    Act, Amended, AuditEntry, Closure, DeadLetter, Evidence, EvidenceRecord, JobId, JobView,
    LetterChange, LetterFilter, LetterState, Page, Payload, ReasonCode, StoreError, Timestamp,
    codes,
};
use rusqlite::{Row, params};

use crate::fault::{Fault, Result};
use crate::ops::{audit, view};
use crate::row::{Columns, stored_type};
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
    note: Option<String>,
    original_payload: Option<Payload>,
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
        note: columns.value()?,
        original_payload: columns.maybe_payload()?,
    })
}

fn head(session: &Session<'_>, id: JobId) -> Result<Option<Head>> {
    let mut statement = session.prepare(sql!("letters", "letters_one"))?;
    let mut rows = statement.query([id.get()])?;
    rows.next()?.map(decode).transpose()
}

/// What decides whether a letter is replayed.
pub(crate) fn standing(session: &Session<'_>, id: JobId) -> Result<Option<(LetterState, i64)>> {
    Ok(head(session, id)?.map(|letter| (letter.state, letter.version)))
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
        note: head.note.clone(),
        original_payload: head.original_payload.clone(),
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
    if !state.is_waiting() {
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
        None,
        AuditEntry::evidence(act, id, evidence),
    )
}

/// Puts another payload in the place of what killed a job. The first one stays.
pub(crate) fn amend(
    session: &Session<'_>,
    id: JobId,
    version: i64,
    payload: &Payload,
    act: &Act,
) -> Result<Amended> {
    let Some(letter) = head(session, id)? else {
        return Ok(Amended::NotFound);
    };
    if let Some(refusal) = Amended::refusal(letter.state, letter.version, version) {
        return Ok(refusal);
    }
    let before = session
        .prepare(sql!("letters", "letters_payload"))?
        .query([id.get()])?
        .next()?
        .map(|row| Columns::of(row).payload())
        .transpose()?
        .ok_or_else(|| Fault::corrupt(format!("dead letter {id} has no payload")))?;
    session.execute(sql!("letters", "letters_keep_original"), [id.get()])?;
    session.execute(
        sql!("letters", "letters_amend"),
        params![
            id.get(),
            payload.schema_version(),
            stored_type(payload),
            payload.bytes().as_ref()
        ],
    )?;
    let entry = AuditEntry::amend(act, id, version, &before, payload);
    change(session, &letter, letter.state, None, entry)?;
    Ok(Amended::Applied {
        version: version + 1,
    })
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
        Some(&act.reason),
        AuditEntry::close(act, id, closure),
    )
}

fn change(
    session: &Session<'_>,
    letter: &Head,
    state: LetterState,
    note: Option<&str>,
    entry: AuditEntry,
) -> Result<LetterChange> {
    session.execute(
        sql!("letters", "letters_set"),
        params![
            letter.id.get(),
            codes::letter_code(state),
            session.micros(),
            note
        ],
    )?;
    audit::record(session, entry)?;
    Ok(LetterChange::Applied {
        version: letter.version + 1,
    })
}
