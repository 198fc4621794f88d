//! Replays: dead jobs are queued again.

use queue_core::{Act, AuditEntry, Evidence, JobId, ReplayBatch, Replayed, codes};

use crate::fault::Result;
use crate::micros::Micros;
use crate::ops::audit;
use crate::ops::letters::{self, Locked};
use crate::ops::turn::{self, Turns};
use crate::session::Session;
use crate::sql::sql;

/// Puts jobs back into their queues, each on its own, on record.
pub(crate) async fn replay(
    session: &mut Session<'_>,
    batch: &ReplayBatch,
    act: &Act,
) -> Result<Vec<Replayed>> {
    let wanted = Wanted {
        letters: batch.letters(),
        evidence: None,
        from_start: batch.discards_stages(),
        record: &|job, version| AuditEntry::replay(act, job, version, batch),
    };
    let mut records = Vec::new();
    let answers = letters(session, &wanted, &mut records).await?;
    audit::record_all(session, records).await?;
    Ok(answers)
}

/// What is to be replayed, and how.
pub(crate) struct Wanted<'w> {
    /// The jobs, and the versions of their letters as they were seen.
    pub(crate) letters: &'w [(JobId, i64)],
    /// What is attached where there is no evidence.
    pub(crate) evidence: Option<(&'w Evidence, &'w Act)>,
    /// Finished stages run again.
    pub(crate) from_start: bool,
    /// What is recorded of a replay.
    pub(crate) record: &'w (dyn Fn(JobId, i64) -> AuditEntry + Sync),
}

/// Puts the jobs of letters that are as they were seen back into their queues. What is to be recorded of it
/// is added to `records`.
pub(crate) async fn letters(
    session: &mut Session<'_>,
    wanted: &Wanted<'_>,
    records: &mut Vec<AuditEntry>,
) -> Result<Vec<Replayed>> {
    let ids: Vec<_> = wanted.letters.iter().map(|(job, _)| job.get()).collect();
    let keys = session
        .statement(sql!("letters", "letters_keys"))
        .bind(ids.clone());
    let keys = turn::read_keys(&session.rows(keys).await?)?;
    turn::lock(session, &keys).await?;
    let mut locked = letters::lock(session, &ids).await?;
    let mut turns = Turns::load(session, keys).await?;
    let mut answers = Vec::with_capacity(ids.len());
    for (job, seen) in wanted.letters {
        let Some(mut letter) = locked.remove(job) else {
            answers.push(Replayed::NotFound);
            continue;
        };
        if let Some((evidence, act)) = wanted.evidence
            && letter.version == *seen
            && letter.state.is_waiting()
            && !letter.has_evidence
        {
            letters::attach(session, *job, letter.state, evidence, act).await?;
            records.push(AuditEntry::evidence(act, *job, evidence));
            letter.has_evidence = true;
        }
        let refusal = Replayed::refusal(letter.state, letter.version, *seen, letter.has_evidence);
        if let Some(refusal) = refusal {
            answers.push(refusal);
            continue;
        }
        revive(session, *job, letter, wanted.from_start, &mut turns).await?;
        records.push((wanted.record)(*job, *seen));
        answers.push(Replayed::Requeued);
    }
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
