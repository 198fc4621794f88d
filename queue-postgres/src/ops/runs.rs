//! Plans being applied.

use std::collections::HashMap;

use queue_core::{
    Act, AuditEntry, BeginStep, Begun, ItemOutcome, JobId, JobSet, LetterState, NewRun, Page,
    PlanDigest, ReplayFacts, ReplayItem, ReplayRun, Revision, RunApplied, RunBatch, RunCounts,
    RunEnd, RunId, RunLease, RunState, codes,
};
use sqlx::postgres::PgRow;

use crate::fault::{Fault, Result};
use crate::micros::Micros;
use crate::ops::audit;
use crate::ops::enqueue::of as column;
use crate::ops::replay::{self, Wanted};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// What the database knows of dead jobs.
pub(crate) async fn facts(session: &mut Session<'_>, jobs: &JobSet) -> Result<Vec<ReplayFacts>> {
    let statement = session
        .statement(sql!("runs", "runs_facts"))
        .bind(column(jobs.jobs(), |job| job.get()));
    let read = |row| {
        let mut row = Columns::of(row);
        Ok(ReplayFacts {
            job: row.job()?,
            has_key: row.value()?,
            newer_revision: row.value::<Option<i64>>()?.map(Revision::new),
        })
    };
    session.rows(statement).await?.iter().map(read).collect()
}

/// Begins the run of a plan, or takes it over.
pub(crate) async fn begin(session: &mut Session<'_>, new: &NewRun, act: &Act) -> Result<Begun> {
    let now = session.now()?;
    let until = now + new.lease();
    let store = session.store();
    let lease = |run, fence| RunLease {
        store,
        run,
        fence,
        lasts: new.lease(),
    };
    let create = session
        .statement(sql!("runs", "runs_create"))
        .bind(new.plan.as_str())
        .bind(i64::from(new.letters))
        .bind(new.from_start)
        .bind(&new.settings)
        .bind(act.actor.as_str())
        .bind(&act.reason)
        .bind(Micros(now))
        .bind(new.holder.as_str())
        .bind(Micros(until));
    // Whoever else begins it at the same time waits for this row.
    if let Some(row) = session.maybe(create).await? {
        let id = RunId::new(Columns::of(&row).value()?);
        audit::record(session, AuditEntry::begin_run(act, new)).await?;
        return Ok(Begun::New(lease(id, 1)));
    }
    let found = session
        .statement(sql!("runs", "runs_lock_of"))
        .bind(new.plan.as_str());
    let run = decode(&session.one(found).await?)?;
    if BeginStep::of(Some(&run), new, now) == BeginStep::Refuse {
        return Ok(Begun::Refused(Box::new(counted(session, run).await?)));
    }
    let take_over = session
        .statement(sql!("runs", "runs_take_over"))
        .bind(run.id.get())
        .bind(new.holder.as_str())
        .bind(Micros(until))
        .bind(&new.settings);
    session.execute(take_over).await?;
    let mut run = counted(session, run).await?;
    audit::record(session, AuditEntry::resume_run(act, &run, new)).await?;
    run.settings.clone_from(&new.settings);
    run.state = RunState::Running;
    run.fence += 1;
    run.held = Some((new.holder.clone(), until));
    (run.ended_at, run.note) = (None, None);
    Ok(Begun::Resumed(lease(run.id, run.fence), Box::new(run)))
}

/// The run, locked, if the lease is the one under which it goes on; renews that.
async fn renewed(session: &mut Session<'_>, lease: &RunLease) -> Result<Option<ReplayRun>> {
    let now = session.now()?;
    let lock = session
        .statement(sql!("runs", "runs_lock"))
        .bind(lease.run.get());
    let run = session.maybe(lock).await?;
    let run = run.as_ref().map(decode).transpose()?;
    let Some(mut run) = run.filter(|run| run.is_held_by(lease, now)) else {
        return Ok(None);
    };
    let until = now + lease.lasts;
    let renew = session
        .statement(sql!("runs", "runs_renew"))
        .bind(lease.run.get())
        .bind(Micros(until));
    session.execute(renew).await?;
    if let Some((_, held_until)) = &mut run.held {
        *held_until = until;
    }
    Ok(Some(run))
}

/// Replays some letters under the run's lease, each once.
pub(crate) async fn apply(
    session: &mut Session<'_>,
    lease: &RunLease,
    batch: &RunBatch,
    act: &Act,
) -> Result<RunApplied> {
    let Some(run) = renewed(session, lease).await? else {
        return Ok(RunApplied::LeaseLost);
    };
    let mut outcomes = known(session, &run, batch).await?;
    let new: Vec<_> = batch
        .letters()
        .iter()
        .filter(|(job, _)| !outcomes.contains_key(job))
        .copied()
        .collect();
    let mut records = Vec::new();
    let wanted = Wanted {
        letters: &new,
        evidence: batch.attached().map(|evidence| (evidence, act)),
        from_start: run.from_start,
        record: &|job, version| AuditEntry::replay_by_run(act, job, version, &run),
    };
    let replayed = replay::letters(session, &wanted, &mut records).await?;
    let mut items = Vec::with_capacity(new.len());
    for ((job, version), replayed) in new.iter().zip(replayed) {
        let outcome = ItemOutcome::at_first(replayed);
        items.push((job.get(), *version, codes::outcome_code(outcome)));
        outcomes.insert(*job, outcome);
    }
    let put = session
        .statement(sql!("runs", "runs_put_items"))
        .bind(run.id.get())
        .bind(Micros(session.now()?))
        .bind(column(&items, |(job, ..)| *job))
        .bind(column(&items, |(_, version, _)| *version))
        .bind(column(&items, |(.., outcome)| *outcome));
    session.execute(put).await?;
    audit::record_all(session, records).await?;
    let outcome = |(job, _): &(JobId, i64)| {
        let outcome = outcomes.get(job).copied();
        outcome.ok_or_else(|| Fault::corrupt(format!("job {job} of a run has no outcome")))
    };
    let outcomes = batch.letters().iter().map(outcome).collect::<Result<_>>()?;
    Ok(RunApplied::Applied(outcomes))
}

/// What the run has seen of these.
async fn known(
    session: &mut Session<'_>,
    run: &ReplayRun,
    batch: &RunBatch,
) -> Result<HashMap<JobId, ItemOutcome>> {
    let statement = session
        .statement(sql!("runs", "runs_known"))
        .bind(run.id.get())
        .bind(column(batch.letters(), |(job, _)| job.get()));
    let read = |row| {
        let mut row = Columns::of(row);
        Ok((row.job()?, codes::outcome(row.value()?)?))
    };
    session.rows(statement).await?.iter().map(read).collect()
}

/// A replayed job came to an end.
pub(crate) async fn note(session: &mut Session<'_>, job: JobId, letter: LetterState) -> Result<()> {
    let statement = session
        .statement(sql!("runs", "runs_note"))
        .bind(job.get())
        .bind(codes::outcome_code(ItemOutcome::at_last(letter)));
    session.execute(statement).await.map(drop)
}

/// Renews the lease and says how the run stands.
pub(crate) async fn watch(
    session: &mut Session<'_>,
    lease: &RunLease,
) -> Result<Option<ReplayRun>> {
    match renewed(session, lease).await? {
        Some(run) => counted(session, run).await.map(Some),
        None => Ok(None),
    }
}

/// Ends a run, or leaves it to others.
pub(crate) async fn end(
    session: &mut Session<'_>,
    lease: &RunLease,
    end: &RunEnd,
    act: &Act,
) -> Result<Option<ReplayRun>> {
    let Some(mut run) = watch(session, lease).await? else {
        return Ok(None);
    };
    let now = session.now()?;
    run.state = end.state();
    run.ended_at = (run.state != RunState::Running).then_some(now);
    run.note = end.note();
    run.held = None;
    let statement = session
        .statement(sql!("runs", "runs_end"))
        .bind(run.id.get())
        .bind(codes::run_code(run.state))
        .bind(run.ended_at.map(Micros))
        .bind(run.note.clone());
    session.execute(statement).await?;
    audit::record(session, AuditEntry::end_run(act, &run, end)).await?;
    Ok(Some(run))
}

/// The run of a plan.
pub(crate) async fn of(session: &mut Session<'_>, plan: &PlanDigest) -> Result<Option<ReplayRun>> {
    let statement = session
        .statement(sql!("runs", "runs_of"))
        .bind(plan.as_str());
    match session.maybe(statement).await? {
        Some(row) => counted(session, decode(&row)?).await.map(Some),
        None => Ok(None),
    }
}

/// Runs by number.
pub(crate) async fn page(session: &mut Session<'_>, page: Page) -> Result<Vec<ReplayRun>> {
    let statement = session
        .statement(sql!("runs", "runs_page"))
        .bind(page.cursor().unwrap_or(i64::MIN))
        .bind(i64::from(page.limit()));
    let rows = session.rows(statement).await?;
    let runs = rows.iter().map(decode).collect::<Result<Vec<_>>>()?;
    with_counts(session, runs).await
}

/// The letters that a run has seen.
pub(crate) async fn items(
    session: &mut Session<'_>,
    run: RunId,
    page: Page,
) -> Result<Vec<ReplayItem>> {
    let statement = session
        .statement(sql!("runs", "runs_items"))
        .bind(run.get())
        .bind(page.cursor().unwrap_or(i64::MIN))
        .bind(i64::from(page.limit()));
    let read = |row| {
        let mut row = Columns::of(row);
        Ok(ReplayItem {
            job: row.job()?,
            version: row.value()?,
            at: row.time()?,
            outcome: codes::outcome(row.value()?)?,
        })
    };
    session.rows(statement).await?.iter().map(read).collect()
}

async fn counted(session: &mut Session<'_>, run: ReplayRun) -> Result<ReplayRun> {
    let mut runs = with_counts(session, vec![run]).await?;
    runs.pop()
        .ok_or_else(|| Fault::corrupt("a run was not counted"))
}

async fn with_counts(
    session: &mut Session<'_>,
    mut runs: Vec<ReplayRun>,
) -> Result<Vec<ReplayRun>> {
    let statement = session
        .statement(sql!("runs", "runs_counts"))
        .bind(column(&runs, |run| run.id.get()));
    for row in &session.rows(statement).await? {
        let mut row = Columns::of(row);
        let id = RunId::new(row.value()?);
        let outcome = codes::outcome(row.value()?)?;
        let letters: i64 = row.value()?;
        if let Some(run) = runs.iter_mut().find(|run| run.id == id) {
            let letters = u32::try_from(letters).unwrap_or(u32::MAX);
            run.counts.add(outcome, letters);
        }
    }
    Ok(runs)
}

/// Without its counts.
fn decode(row: &PgRow) -> Result<ReplayRun> {
    let mut row = Columns::of(row);
    let (id, plan) = (RunId::new(row.value()?), row.name()?);
    let state = codes::run_state(row.value()?)?;
    let letters: i64 = row.value()?;
    Ok(ReplayRun {
        id,
        plan,
        state,
        letters: u32::try_from(letters).unwrap_or(u32::MAX),
        from_start: row.value()?,
        settings: row.value()?,
        act: Act {
            actor: row.name()?,
            reason: row.value()?,
        },
        begun_at: row.time()?,
        ended_at: row.maybe_time()?,
        note: row.value()?,
        held: row.maybe_name()?.zip(row.maybe_time()?),
        fence: row.value()?,
        counts: RunCounts::default(),
    })
}
