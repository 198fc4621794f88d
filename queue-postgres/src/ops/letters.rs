//! Dead letters: looking at them, attaching evidence, replaying, closing.

use std::collections::HashMap;

use queue_core::{
    Act, Amended, AuditEntry, Closure, DeadLetter, Evidence, EvidenceRecord, JobId, JobSet,
    JobView, LetterChange, LetterFilter, LetterState, Page, Payload, Progress, codes,
};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::fault::{Fault, Result};
use crate::micros::Micros;
use crate::ops::turn::TurnKey;
use crate::ops::{audit, view};
use crate::row::{Columns, stored_type, stored_version};
use crate::session::Session;
use crate::sql::sql;

fn name<T: AsRef<str>>(filter: Option<&T>) -> Option<&str> {
    filter.map(AsRef::as_ref)
}

/// Letters by job number.
pub(crate) async fn page(
    session: &mut Session<'_>,
    filter: &LetterFilter,
    page: Page,
) -> Result<Vec<DeadLetter>> {
    let named = filter.jobs.as_ref();
    let named = named.map(|set| set.jobs().iter().map(|job| job.get()).collect::<Vec<_>>());
    let statement = session
        .statement(sql!("letters", "letters_page"))
        .bind(filter.state.map(codes::letter_code))
        .bind(name(filter.queue.as_ref()))
        .bind(name(filter.kind.as_ref()))
        .bind(name(filter.error_class.as_ref()))
        .bind(name(filter.tenant.as_ref()))
        .bind(filter.since.map(Micros))
        .bind(filter.until.map(Micros))
        .bind(page.cursor().unwrap_or(i64::MIN))
        .bind(i64::from(page.limit()))
        .bind(name(filter.stage.as_ref()))
        .bind(name(filter.reason.as_ref()))
        .bind(filter.sought())
        .bind(named);
    let rows = session.rows(statement).await?;
    whole(session, &rows).await
}

/// One letter.
pub(crate) async fn one(session: &mut Session<'_>, job: JobId) -> Result<Option<DeadLetter>> {
    let statement = session
        .statement(sql!("letters", "letters_one"))
        .bind(job.get());
    let rows = session.rows(statement).await?;
    Ok(whole(session, &rows).await?.pop())
}

/// Adds jobs and evidence. A job that is live again, or was finished since, is shown as it is now.
async fn whole(session: &mut Session<'_>, rows: &[PgRow]) -> Result<Vec<DeadLetter>> {
    let mut ids = Vec::with_capacity(rows.len());
    let mut revived = Vec::new();
    for row in rows {
        let id: i64 = row.try_get_unchecked(0)?;
        ids.push(id);
        if !row.try_get_unchecked::<bool, _>(6)? {
            revived.push(id);
        }
    }
    let mut jobs = view::dead(session, &ids).await?;
    if !revived.is_empty() {
        jobs.extend(view::shown(session, &revived).await?);
    }
    let mut evidence = evidence(session, &ids).await?;
    let read = |row| {
        let mut row = Columns::of(row);
        let id = row.job()?;
        let job: JobView = jobs
            .remove(&id)
            .ok_or_else(|| Fault::corrupt(format!("the dead letter {id} has no job")))?;
        let state = codes::letter_state(row.value()?)?;
        Ok(DeadLetter {
            job,
            state,
            version: row.value()?,
            deaths: row.count()?,
            replays: row.count()?,
            died_at: row.time()?,
            reason: row.skip(1).maybe_name()?,
            note: row.value()?,
            original_payload: row.maybe_payload()?,
            evidence: evidence.remove(&id).unwrap_or_default(),
        })
    };
    rows.iter().map(read).collect()
}

async fn evidence(
    session: &mut Session<'_>,
    jobs: &[i64],
) -> Result<HashMap<JobId, Vec<EvidenceRecord>>> {
    let statement = session
        .statement(sql!("letters", "letters_evidence"))
        .bind(jobs);
    let mut evidence: HashMap<_, Vec<_>> = HashMap::new();
    for row in &session.rows(statement).await? {
        let mut row = Columns::of(row);
        let job = row.job()?;
        evidence.entry(job).or_default().push(EvidenceRecord {
            actor: row.name()?,
            at: row.time()?,
            evidence: Evidence {
                reference: row.name()?,
                note: row.name()?,
            },
        });
    }
    Ok(evidence)
}

/// What is decided by, of a letter whose row is locked.
pub(crate) struct Locked {
    pub(crate) state: LetterState,
    pub(crate) version: i64,
    pub(crate) progress: Progress,
    pub(crate) turn: Option<TurnKey>,
    pub(crate) has_evidence: bool,
}

/// Locks letters by number.
pub(crate) async fn lock(
    session: &mut Session<'_>,
    jobs: &[i64],
) -> Result<HashMap<JobId, Locked>> {
    let statement = session
        .statement(sql!("letters", "letters_lock"))
        .bind(jobs);
    let rows = session.rows(statement).await?;
    let read = |row| {
        let mut row = Columns::of(row);
        let id = row.job()?;
        let state = codes::letter_state(row.value()?)?;
        let (version, progress) = (row.value()?, row.progress()?);
        let queue = row.name()?;
        let letter = Locked {
            state,
            version,
            progress,
            turn: row.maybe_name()?.map(|key| (queue, key)),
            has_evidence: row.value()?,
        };
        Ok((id, letter))
    };
    rows.iter().map(read).collect()
}

async fn change(
    session: &mut Session<'_>,
    job: JobId,
    state: LetterState,
    note: Option<&str>,
) -> Result<i64> {
    let statement = session
        .statement(sql!("letters", "letters_change"))
        .bind(job.get())
        .bind(codes::letter_code(state))
        .bind(session.time())
        .bind(note);
    Ok(session.one(statement).await?.try_get_unchecked(0)?)
}

/// Attaches evidence to those letters that are open or escalated, on record.
pub(crate) async fn attach_evidence(
    session: &mut Session<'_>,
    jobs: &JobSet,
    evidence: &Evidence,
    act: &Act,
) -> Result<Vec<LetterChange>> {
    let ids: Vec<_> = jobs.jobs().iter().map(|job| job.get()).collect();
    let locked = lock(session, &ids).await?;
    let waiting: Vec<_> = jobs
        .jobs()
        .iter()
        .copied()
        .filter(|job| {
            locked
                .get(job)
                .is_some_and(|letter| letter.state.is_waiting())
        })
        .collect();
    attach(session, &waiting, evidence, act).await?;
    let record = |job: &JobId| AuditEntry::evidence(act, *job, evidence);
    audit::record_all(session, waiting.iter().map(record).collect()).await?;
    let change = |job| match locked.get(job) {
        None => LetterChange::NotFound,
        Some(letter) if letter.state.is_waiting() => LetterChange::Applied {
            version: letter.version + 1,
        },
        Some(letter) => LetterChange::Refused {
            state: letter.state,
        },
    };
    Ok(jobs.jobs().iter().map(change).collect())
}

/// Writes the evidence to letters that are locked; each has its next version then.
pub(crate) async fn attach(
    session: &mut Session<'_>,
    jobs: &[JobId],
    evidence: &Evidence,
    act: &Act,
) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let jobs: Vec<_> = jobs.iter().map(|job| job.get()).collect();
    let attach = session
        .statement(sql!("letters", "letters_attach"))
        .bind(jobs.clone())
        .bind(session.time())
        .bind(act.actor.as_str())
        .bind(evidence.reference.as_str())
        .bind(evidence.note.as_str());
    session.execute(attach).await?;
    let touch = session
        .statement(sql!("letters", "letters_touch"))
        .bind(jobs)
        .bind(session.time());
    session.execute(touch).await.map(drop)
}

/// Puts another payload in the place of what killed a job, on record. The first one stays.
pub(crate) async fn amend(
    session: &mut Session<'_>,
    job: JobId,
    version: i64,
    payload: &Payload,
    act: &Act,
) -> Result<Amended> {
    let Some(letter) = lock(session, &[job.get()]).await?.remove(&job) else {
        return Ok(Amended::NotFound);
    };
    if let Some(refusal) = Amended::refusal(letter.state, letter.version, version) {
        return Ok(refusal);
    }
    let before = session
        .statement(sql!("letters", "letters_payload"))
        .bind(job.get());
    let before = Columns::of(&session.one(before).await?).payload()?;
    let keep = session
        .statement(sql!("letters", "letters_keep_original"))
        .bind(job.get());
    session.execute(keep).await?;
    let amend = session
        .statement(sql!("letters", "letters_amend"))
        .bind(job.get())
        .bind(stored_version(payload))
        .bind(stored_type(payload))
        .bind(payload.bytes().as_ref());
    session.execute(amend).await?;
    let now = change(session, job, letter.state, None).await?;
    let entry = AuditEntry::amend(act, job, version, &before, payload);
    audit::record(session, entry).await?;
    Ok(Amended::Applied { version: now })
}

/// Ends a letter without a replay, on record.
pub(crate) async fn close(
    session: &mut Session<'_>,
    job: JobId,
    closure: Closure,
    act: &Act,
) -> Result<LetterChange> {
    let Some(letter) = lock(session, &[job.get()]).await?.remove(&job) else {
        return Ok(LetterChange::NotFound);
    };
    // While it replays, its job is live: the job's end ends the letter.
    if letter.state == LetterState::Replaying || !letter.state.may_become(closure.target()) {
        return Ok(LetterChange::Refused {
            state: letter.state,
        });
    }
    let version = change(session, job, closure.target(), Some(&act.reason)).await?;
    audit::record(session, AuditEntry::close(act, job, closure)).await?;
    Ok(LetterChange::Applied { version })
}
