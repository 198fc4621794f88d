//! Replays: dead jobs are queued again.

use std::collections::{HashMap, HashSet};

use queue_core::{
    Act, AuditEntry, Evidence, JobId, Progress, ReplayBatch, Replayed, StageName, codes,
};

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
    let attached = attach(session, wanted, &locked).await?;
    let now = session.now()?;
    let mut answers = Vec::with_capacity(ids.len());
    let mut revived = Vec::with_capacity(ids.len());
    let mut overtaken = Vec::new();
    for (job, seen) in wanted.letters {
        let Some(letter) = locked.remove(job) else {
            answers.push(Replayed::NotFound);
            continue;
        };
        let is_attached = attached.contains(job);
        if let (true, Some((evidence, act))) = (is_attached, wanted.evidence) {
            records.push(AuditEntry::evidence(act, *job, evidence));
        }
        let has_evidence = letter.has_evidence || is_attached;
        let refusal = Replayed::refusal(letter.state, letter.version, *seen, has_evidence);
        if let Some(refusal) = refusal {
            answers.push(refusal);
            continue;
        }
        let mut state = codes::READY;
        if let Some(key) = letter.turn {
            let place = turns.join(key, job.get(), now);
            state = place.state;
            overtaken.extend(place.overtaken);
        }
        let progress = letter.progress.for_replay(wanted.from_start);
        revived.push((job.get(), state, progress));
        records.push((wanted.record)(*job, *seen));
        answers.push(Replayed::Requeued);
    }
    turn::set(session, &overtaken, codes::WAITING).await?;
    revive(session, revived, wanted.from_start).await?;
    Ok(answers)
}

/// Attaches the evidence to those letters that are as they were seen and have none.
async fn attach(
    session: &mut Session<'_>,
    wanted: &Wanted<'_>,
    locked: &HashMap<JobId, Locked>,
) -> Result<HashSet<JobId>> {
    let Some((evidence, act)) = wanted.evidence else {
        return Ok(HashSet::new());
    };
    let lacks = |(job, seen): &&(JobId, i64)| {
        locked.get(job).is_some_and(|letter| {
            letter.version == *seen && letter.state.is_waiting() && !letter.has_evidence
        })
    };
    let lacking = wanted.letters.iter().filter(lacks);
    let lacking: Vec<_> = lacking.map(|(job, _)| *job).collect();
    letters::attach(session, &lacking, evidence, act).await?;
    Ok(lacking.into_iter().collect())
}

/// Makes jobs of letters again, all at once: of a replay of very many letters this is most of the work.
async fn revive(
    session: &mut Session<'_>,
    mut jobs: Vec<(i64, i16, Progress)>,
    from_start: bool,
) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    jobs.sort_unstable_by_key(|(job, ..)| *job);
    let ids: Vec<_> = jobs.iter().map(|(job, ..)| *job).collect();
    if from_start {
        let drop_stages = session
            .statement(sql!("settle", "settle_drop_stages"))
            .bind(ids.clone());
        session.execute(drop_stages).await?;
    }
    let now = Micros(session.now()?);
    let attempts: Vec<_> = jobs.iter().map(|(.., at)| i32::from(at.attempt)).collect();
    let states: Vec<_> = jobs.iter().map(|(_, state, _)| *state).collect();
    let stages: Vec<_> = jobs
        .iter()
        .map(|(.., at)| at.stage.as_ref().map(StageName::as_str))
        .collect();
    let ledgers: Vec<_> = jobs.iter().map(|(.., at)| at.ledger.to_stored()).collect();
    let revive = session
        .statement(sql!("letters", "letters_revive"))
        .bind(ids.clone())
        .bind(now)
        .bind(attempts)
        .bind(states.clone())
        .bind(stages)
        .bind(ledgers);
    session.execute(revive).await?;
    let mark = session
        .statement(sql!("letters", "letters_replay"))
        .bind(ids)
        .bind(now);
    session.execute(mark).await?;
    if states.contains(&codes::READY) {
        session.wake();
    }
    Ok(())
}
