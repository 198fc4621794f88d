//! Plans being applied.

use queue_core::{
    Act, AuditEntry, BeginStep, Begun, Evidence, ItemOutcome, JobId, JobSet, LetterState, NewRun,
    Page, PlanDigest, ReplayFacts, ReplayItem, ReplayRun, Replayed, Revision, RunApplied, RunBatch,
    RunCounts, RunEnd, RunId, RunLease, RunState, StoreError, Timestamp, codes,
};
use rusqlite::{OptionalExtension, Params, Row, params};

use crate::fault::Result;
use crate::ops::{audit, letters, replay, triage};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// What the database knows of dead jobs.
pub(crate) fn facts(session: &Session<'_>, jobs: &JobSet) -> Result<Vec<ReplayFacts>> {
    let named = serde_json::to_string(jobs.jobs())
        .map_err(|error| StoreError::backend("writing numbers of jobs", error))?;
    let mut statement = session.prepare(sql!("runs", "runs_facts"))?;
    let mut rows = statement.query([named])?;
    let mut facts = Vec::new();
    while let Some(row) = rows.next()? {
        facts.push(ReplayFacts {
            job: JobId::new(row.get(0)?),
            has_key: row.get(1)?,
            newer_revision: row.get::<_, Option<i64>>(2)?.map(Revision::new),
        });
    }
    Ok(facts)
}

/// Begins the run of a plan, or takes it over.
pub(crate) fn begin(session: &Session<'_>, new: &NewRun, act: &Act) -> Result<Begun> {
    let found = of(session, &new.plan)?;
    let until = (session.now() + new.lease()).as_micros();
    let lease = |run, fence| RunLease {
        store: session.store(),
        run,
        fence,
        lasts: new.lease(),
    };
    match (BeginStep::of(found.as_ref(), new, session.now()), found) {
        (BeginStep::Refuse, Some(run)) => Ok(Begun::Refused(Box::new(run))),
        (BeginStep::TakeOver, Some(run)) => {
            audit::record(session, AuditEntry::resume_run(act, &run, new))?;
            session.execute(
                sql!("runs", "runs_take_over"),
                params![run.id.get(), new.holder.as_str(), until, new.settings],
            )?;
            let run = ReplayRun {
                state: RunState::Running,
                settings: new.settings.clone(),
                fence: run.fence + 1,
                ended_at: None,
                note: None,
                held: Some((new.holder.clone(), Timestamp::from_micros(until))),
                ..run
            };
            Ok(Begun::Resumed(lease(run.id, run.fence), Box::new(run)))
        }
        _ => {
            let id = session.prepare(sql!("runs", "runs_create"))?.query_row(
                params![
                    new.plan.as_str(),
                    new.letters,
                    new.from_start,
                    new.settings,
                    act.actor.as_str(),
                    act.reason,
                    session.micros(),
                    new.holder.as_str(),
                    until
                ],
                |row| row.get(0),
            )?;
            audit::record(session, AuditEntry::begin_run(act, new))?;
            Ok(Begun::New(lease(RunId::new(id), 1)))
        }
    }
}

/// The run, if the lease is the one under which it goes on; renews that.
fn renewed(session: &Session<'_>, lease: &RunLease) -> Result<Option<ReplayRun>> {
    let run = row(session, sql!("runs", "runs_one"), [lease.run.get()])?;
    let Some(mut run) = run.filter(|run| run.is_held_by(lease, session.now())) else {
        return Ok(None);
    };
    let until = session.now() + lease.lasts;
    session.execute(
        sql!("runs", "runs_renew"),
        [lease.run.get(), until.as_micros()],
    )?;
    if let Some((_, held_until)) = &mut run.held {
        *held_until = until;
    }
    Ok(Some(run))
}

/// Replays some letters under the run's lease, each once.
pub(crate) fn apply(
    session: &Session<'_>,
    lease: &RunLease,
    batch: &RunBatch,
    act: &Act,
) -> Result<RunApplied> {
    let Some(run) = renewed(session, lease)? else {
        return Ok(RunApplied::LeaseLost);
    };
    let apply = |(job, version): &(JobId, i64)| {
        let known: Option<i16> = session
            .prepare(sql!("runs", "runs_item"))?
            .query_row([run.id.get(), job.get()], |row| row.get(0))
            .optional()?;
        if let Some(known) = known {
            return Ok(codes::outcome(known)?);
        }
        let seen = attach(session, *job, *version, batch.attached(), act)?;
        let replayed = replay::one(session, *job, seen, run.from_start)?;
        if replayed == Replayed::Requeued {
            audit::record(
                session,
                AuditEntry::replay_by_run(act, *job, *version, &run),
            )?;
        }
        let outcome = ItemOutcome::at_first(replayed);
        session.execute(
            sql!("runs", "runs_put_item"),
            params![
                run.id.get(),
                job.get(),
                version,
                session.micros(),
                codes::outcome_code(outcome)
            ],
        )?;
        Ok(outcome)
    };
    let outcomes = batch.letters().iter().map(apply).collect::<Result<_>>()?;
    Ok(RunApplied::Applied(outcomes))
}

/// Attaches evidence where there is none; the version by which the letter is replayed then.
fn attach(
    session: &Session<'_>,
    job: JobId,
    version: i64,
    evidence: Option<&Evidence>,
    act: &Act,
) -> Result<i64> {
    let Some(evidence) = evidence else {
        return Ok(version);
    };
    let found = letters::standing(session, job)?;
    let is_as_seen = found.is_some_and(|(_, found)| found == version);
    if !is_as_seen || triage::has_evidence(session, job)? {
        return Ok(version);
    }
    match letters::attach(session, job, evidence, act)? {
        queue_core::LetterChange::Applied { version } => Ok(version),
        _ => Ok(version),
    }
}

/// A replayed job came to an end.
pub(crate) fn note(session: &Session<'_>, job: i64, letter: LetterState) -> Result<()> {
    let outcome = codes::outcome_code(ItemOutcome::at_last(letter));
    session.execute(sql!("runs", "runs_note"), params![job, outcome])?;
    Ok(())
}

/// Renews the lease and says how the run stands.
pub(crate) fn watch(session: &Session<'_>, lease: &RunLease) -> Result<Option<ReplayRun>> {
    renewed(session, lease)?
        .map(|run| counted(session, run))
        .transpose()
}

/// Ends a run, or leaves it to others.
pub(crate) fn end(
    session: &Session<'_>,
    lease: &RunLease,
    end: &RunEnd,
    act: &Act,
) -> Result<Option<ReplayRun>> {
    let Some(mut run) = watch(session, lease)? else {
        return Ok(None);
    };
    run.state = end.state();
    run.ended_at = (run.state != RunState::Running).then_some(session.now());
    run.note = end.note();
    run.held = None;
    session.execute(
        sql!("runs", "runs_end"),
        params![
            run.id.get(),
            codes::run_code(run.state),
            run.ended_at.map(Timestamp::as_micros),
            run.note
        ],
    )?;
    audit::record(session, AuditEntry::end_run(act, &run, end))?;
    Ok(Some(run))
}

/// The run of a plan.
pub(crate) fn of(session: &Session<'_>, plan: &PlanDigest) -> Result<Option<ReplayRun>> {
    row(session, sql!("runs", "runs_of"), [plan.as_str()])?
        .map(|run| counted(session, run))
        .transpose()
}

/// Runs by number.
pub(crate) fn page(session: &Session<'_>, page: Page) -> Result<Vec<ReplayRun>> {
    let mut statement = session.prepare(sql!("runs", "runs_page"))?;
    let mut rows = statement.query(params![page.cursor().unwrap_or(i64::MIN), page.limit()])?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        runs.push(counted(session, decode(row)?)?);
    }
    Ok(runs)
}

/// The letters that a run has seen.
pub(crate) fn items(session: &Session<'_>, run: RunId, page: Page) -> Result<Vec<ReplayItem>> {
    let mut statement = session.prepare(sql!("runs", "runs_items"))?;
    let after = page.cursor().unwrap_or(i64::MIN);
    let mut rows = statement.query(params![run.get(), after, page.limit()])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row);
        items.push(ReplayItem {
            job: JobId::new(columns.value()?),
            version: columns.value()?,
            at: columns.time()?,
            outcome: codes::outcome(columns.value()?)?,
        });
    }
    Ok(items)
}

fn row(
    session: &Session<'_>,
    text: &'static str,
    params: impl Params,
) -> Result<Option<ReplayRun>> {
    let mut statement = session.prepare(text)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(decode).transpose()
}

fn counted(session: &Session<'_>, mut run: ReplayRun) -> Result<ReplayRun> {
    let mut statement = session.prepare(sql!("runs", "runs_counts"))?;
    let mut rows = statement.query([run.id.get()])?;
    while let Some(row) = rows.next()? {
        run.counts.add(codes::outcome(row.get(0)?)?, row.get(1)?);
    }
    Ok(run)
}

/// Without its counts.
fn decode(row: &Row<'_>) -> Result<ReplayRun> {
    let mut columns = Columns::of(row);
    let (id, plan) = (RunId::new(columns.value()?), columns.name()?);
    Ok(ReplayRun {
        id,
        plan,
        state: codes::run_state(columns.value()?)?,
        letters: columns.count()?,
        from_start: columns.value()?,
        settings: columns.value()?,
        act: Act {
            actor: columns.name()?,
            reason: columns.value()?,
        },
        begun_at: columns.time()?,
        ended_at: columns.maybe_time()?,
        note: columns.value()?,
        held: columns.maybe_name()?.zip(columns.maybe_time()?),
        fence: columns.value()?,
        counts: RunCounts::default(),
    })
}
