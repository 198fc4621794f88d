//! Dead letters: looking at them, attaching evidence, replaying, closing.

use std::collections::HashMap;

use queue_core::{
    Act, AuditEntry, Closure, DeadLetter, Evidence, EvidenceRecord, JobId, JobView, LetterChange,
    LetterFilter, LetterState, Page, Progress, ReplayBatch, Replayed, codes,
};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::fault::{Fault, Result};
use crate::micros::Micros;
use crate::ops::turn::{self, TurnKey, Turns};
use crate::ops::{audit, view};
use crate::row::Columns;
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
struct Locked {
    state: LetterState,
    version: i64,
    progress: Progress,
    turn: Option<TurnKey>,
    has_evidence: bool,
}

async fn lock(session: &mut Session<'_>, jobs: &[i64]) -> Result<HashMap<JobId, Locked>> {
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

async fn change(session: &mut Session<'_>, job: JobId, state: LetterState) -> Result<i64> {
    let statement = session
        .statement(sql!("letters", "letters_change"))
        .bind(job.get())
        .bind(codes::letter_code(state))
        .bind(session.time());
    Ok(session.one(statement).await?.try_get_unchecked(0)?)
}

/// Attaches evidence to a letter that is open or escalated, on record.
pub(crate) async fn attach_evidence(
    session: &mut Session<'_>,
    job: JobId,
    evidence: &Evidence,
    act: &Act,
) -> Result<LetterChange> {
    let Some(letter) = lock(session, &[job.get()]).await?.remove(&job) else {
        return Ok(LetterChange::NotFound);
    };
    if !matches!(letter.state, LetterState::Open | LetterState::Escalated) {
        return Ok(LetterChange::Refused {
            state: letter.state,
        });
    }
    let attach = session
        .statement(sql!("letters", "letters_attach"))
        .bind(job.get())
        .bind(session.time())
        .bind(act.actor.as_str())
        .bind(evidence.reference.as_str())
        .bind(evidence.note.as_str());
    session.execute(attach).await?;
    let version = change(session, job, letter.state).await?;
    audit::record(session, AuditEntry::evidence(act, job, evidence)).await?;
    Ok(LetterChange::Applied { version })
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
    let version = change(session, job, closure.target()).await?;
    audit::record(session, AuditEntry::close(act, job, closure)).await?;
    Ok(LetterChange::Applied { version })
}

/// Puts jobs back into their queues, each on its own, on record.
pub(crate) async fn replay(
    session: &mut Session<'_>,
    batch: &ReplayBatch,
    act: &Act,
) -> Result<Vec<Replayed>> {
    let ids: Vec<_> = batch.letters().iter().map(|(job, _)| job.get()).collect();
    let keys = session
        .statement(sql!("letters", "letters_keys"))
        .bind(ids.clone());
    let keys = turn::read_keys(&session.rows(keys).await?)?;
    turn::lock(session, &keys).await?;
    let mut letters = lock(session, &ids).await?;
    let mut turns = Turns::load(session, keys).await?;
    let mut answers = Vec::with_capacity(ids.len());
    let mut records = Vec::new();
    for (job, version) in batch.letters() {
        let Some(letter) = letters.remove(job) else {
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
        if !letter.has_evidence {
            answers.push(Replayed::EvidenceMissing);
            continue;
        }
        revive(session, *job, letter, batch.discards_stages(), &mut turns).await?;
        records.push(AuditEntry::replay(act, *job, *version, batch));
        answers.push(Replayed::Requeued);
    }
    audit::record_all(session, records).await?;
    Ok(answers)
}

async fn revive(
    session: &mut Session<'_>,
    job: JobId,
    letter: Locked,
    from_start: bool,
    turns: &mut Turns,
) -> Result<()> {
    let now = session.now()?;
    if from_start {
        let drop_stages = session
            .statement(sql!("settle", "settle_drop_stages"))
            .bind(job.get());
        session.execute(drop_stages).await?;
    }
    let mut state = codes::READY;
    if let Some(key) = letter.turn {
        let place = turns.join(key, job.get(), now);
        state = place.state;
        if let Some(overtaken) = place.overtaken {
            turn::set(session, &[overtaken], codes::WAITING).await?;
        }
    }
    let progress = letter.progress.for_replay(from_start);
    let revive = session
        .statement(sql!("letters", "letters_revive"))
        .bind(job.get())
        .bind(Micros(now))
        .bind(i32::from(progress.attempt))
        .bind(state)
        .bind(progress.stage.as_ref().map(queue_core::StageName::as_str))
        .bind(progress.ledger.to_stored());
    session.execute(revive).await?;
    let mark = session
        .statement(sql!("letters", "letters_replay"))
        .bind(job.get())
        .bind(Micros(now));
    session.execute(mark).await?;
    if state == codes::READY {
        session.wake();
    }
    Ok(())
}
