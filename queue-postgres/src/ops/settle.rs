//! Ending attempts, each under its own fence.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use queue_core::{
    Applied, Completion, Ground, JobId, JobState, LetterState, NewJob, NewNotification, Payload,
    Published, Raise, Requeue, RunAt, SettleBatch, Settled, Settlement, StageName, Transition,
    codes::flag, overruled_by_cancel,
};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::fault::Result;
use crate::micros::{Micros, micros};
use crate::ops::finish::{self, LiveJob};
use crate::ops::{enqueue, incident, keys, publish, turn};
use crate::row::{stored_type, stored_version};
use crate::session::Session;
use crate::sql::sql;

/// The most jobs of one statement: finding a text in an array takes longer the longer it is.
const CHUNK: usize = 500;
/// What the server can still add to a time.
const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
/// What a requeued job must not have to take the fast way; in strict order its turn stays with it,
/// but only the careful way knows the mode.
const TURNING: i16 = flag::CANCEL | flag::ORDERED;

/// The answers of a batch, as far as they are known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers {
    known: HashMap<JobId, Settled>,
}

impl Answers {
    pub(crate) fn are_complete(&self, batch: &SettleBatch) -> bool {
        self.known.len() == batch.settlements().len()
    }

    /// In the order of the batch.
    pub(crate) fn in_order(mut self, batch: &SettleBatch) -> Vec<Settled> {
        let answer = |settlement: &Settlement| {
            let known = self.known.remove(&settlement.lease.job());
            known.unwrap_or(Settled::LeaseLost)
        };
        batch.settlements().iter().map(answer).collect()
    }

    fn applied(&mut self, rows: &[PgRow], state: JobState) -> Result<()> {
        for row in rows {
            let id = JobId::new(row.try_get_unchecked(0)?);
            self.known.insert(id, Settled::to(state));
        }
        Ok(())
    }
}

/// Settles a batch: what is plain by sets, unless that was tried before, the rest one by one.
pub(crate) async fn settle(
    session: &mut Session<'_>,
    batch: &SettleBatch,
    plain: Option<Answers>,
) -> Result<Vec<Settled>> {
    let mut answers = match plain {
        Some(answers) => answers,
        None => settle_plain(session, batch).await?,
    };
    if !answers.are_complete(batch) {
        settle_rest(session, batch, &mut answers).await?;
    }
    Ok(answers.in_order(batch))
}

/// Settles what needs no looking at. A job that is not answered has lost its lease, or is special.
pub(crate) async fn settle_plain(
    session: &mut Session<'_>,
    batch: &SettleBatch,
) -> Result<Answers> {
    let mut answers = Answers::default();
    // A follow-up's key may be held by a job that ends only after it in the batch.
    let mut sorted: Vec<_> = batch
        .settlements()
        .iter()
        .take_while(|settlement| !brings_keys(settlement))
        .collect();
    sorted.sort_unstable_by_key(|settlement| settlement.lease.job());
    let (mut finished, mut requeued) = (Vec::new(), Vec::new());
    for settlement in sorted {
        match &settlement.transition {
            Transition::Finish(done)
                if done.follow_ups.is_empty() && done.notifications.is_empty() =>
            {
                finished.push((settlement, done));
            }
            Transition::Requeue(requeue) if !matches!(requeue.run_at, RunAt::In(delay) if delay > FAR) =>
            {
                requeued.push((settlement, requeue));
            }
            _ => {}
        }
    }
    for chunk in finished.chunks(CHUNK) {
        let rows = finish_plain(session, batch.ground(), chunk).await?;
        answers.applied(&rows, JobState::Succeeded)?;
    }
    for chunk in requeued.chunks(CHUNK) {
        let rows = requeue_plain(session, batch.ground(), chunk).await?;
        answers.applied(&rows, JobState::Queued)?;
        if chunk.iter().any(|(_, requeue)| is_now(requeue.run_at)) {
            session.wake();
        }
    }
    Ok(answers)
}

fn is_now(run_at: RunAt) -> bool {
    matches!(run_at, RunAt::Now) || matches!(run_at, RunAt::In(delay) if delay.is_zero())
}

fn column<'a, S, T>(chunk: &'a [(&'a Settlement, &'a S)], value: impl Fn(&'a S) -> T) -> Vec<T> {
    chunk.iter().map(|(_, item)| value(item)).collect()
}

fn leases<S>(chunk: &[(&Settlement, &S)]) -> (Vec<i64>, Vec<i64>) {
    chunk
        .iter()
        .map(|(settlement, _)| (settlement.lease.job().get(), settlement.lease.fence().get()))
        .unzip()
}

/// NULL where all are nothing: the server then need not look for each one's.
fn sparse<T>(values: Vec<Option<T>>) -> Option<Vec<Option<T>>> {
    values.iter().any(Option::is_some).then_some(values)
}

async fn finish_plain(
    session: &mut Session<'_>,
    ground: Ground,
    chunk: &[(&Settlement, &Completion)],
) -> Result<Vec<PgRow>> {
    let (ids, fences) = leases(chunk);
    let statement = session
        .statement(sql!("settle", "settle_finish"))
        .bind(ids)
        .bind(fences)
        .bind(session.time())
        .bind(ground == Ground::Held)
        .bind(sparse(column(chunk, |done| {
            done.result.as_ref().and_then(stored_version)
        })))
        .bind(sparse(column(chunk, |done| {
            done.result.as_ref().and_then(stored_type)
        })))
        .bind(sparse(column(chunk, |done| {
            done.result.as_ref().map(|payload| payload.bytes().as_ref())
        })));
    session.rows(statement).await
}

async fn requeue_plain(
    session: &mut Session<'_>,
    ground: Ground,
    chunk: &[(&Settlement, &Requeue)],
) -> Result<Vec<PgRow>> {
    let (ids, fences) = leases(chunk);
    let (at, delay): (Vec<_>, Vec<_>) = chunk
        .iter()
        .map(|(_, requeue)| match requeue.run_at {
            RunAt::Now => (None, 0),
            RunAt::In(delay) => (None, micros(delay)),
            RunAt::At(moment) => (Some(Micros(moment)), 0),
        })
        .unzip();
    let statement = session
        .statement(sql!("settle", "settle_requeue"))
        .bind(ids)
        .bind(fences)
        .bind(session.time())
        .bind(ground == Ground::Held)
        .bind(at)
        .bind(delay)
        .bind(sparse(column(chunk, |requeue| {
            requeue.progress.stage.as_ref().map(StageName::as_str)
        })))
        .bind(column(chunk, |requeue| i32::from(requeue.progress.attempt)))
        .bind(sparse(column(chunk, |requeue| {
            requeue.progress.ledger.to_stored()
        })))
        .bind(sparse(column(chunk, |requeue| {
            requeue
                .failure
                .as_ref()
                .map(|failure| failure.class.as_str())
        })))
        .bind(sparse(column(chunk, |requeue| {
            requeue
                .failure
                .as_ref()
                .map(|failure| failure.message.as_str())
        })))
        .bind(TURNING);
    session.rows(statement).await
}

/// Settles what is not answered yet: locks, looks at each job, and applies its transition.
async fn settle_rest(
    session: &mut Session<'_>,
    batch: &SettleBatch,
    answers: &mut Answers,
) -> Result<()> {
    let open: Vec<_> = batch
        .settlements()
        .iter()
        .filter(|settlement| !answers.known.contains_key(&settlement.lease.job()))
        .collect();
    let mut leases: Vec<_> = open.iter().map(|settlement| &settlement.lease).collect();
    leases.sort_unstable_by_key(|lease| lease.job());
    let ids: Vec<_> = leases.iter().map(|lease| lease.job().get()).collect();
    // Everyone takes their locks in this order: turns, jobs by number, keys, notifications, incidents. What was
    // settled by sets comes before all of them, and in no order, but nobody waits for it with anything
    // in hand that we might want: its leases are ours, and sweeps and renewals pass by what is locked.
    let mut turns = turn::keys(session, &ids).await?;
    turns.extend(
        open.iter()
            .flat_map(|s| follow_ups(s))
            .filter_map(enqueue::turn_key),
    );
    turn::lock(session, &turns).await?;
    let jobs = finish::lock_leased(session, &leases, batch.ground()).await?;
    let now = session.now()?;
    let held: HashSet<JobId> = open
        .iter()
        .filter(|s| {
            jobs.get(&s.lease.job())
                .is_some_and(|job| job.is_held(&s.lease, batch.ground(), now))
        })
        .map(|settlement| settlement.lease.job())
        .collect();
    let overruled = |settlement: &Settlement| {
        overruled_by_cancel(&settlement.transition)
            && jobs
                .get(&settlement.lease.job())
                .is_some_and(LiveJob::is_asked_to_stop)
    };
    let applied: Vec<_> = open
        .iter()
        .copied()
        .filter(|s| held.contains(&s.lease.job()) && !overruled(s))
        .collect();
    let new_jobs = || applied.iter().copied().flat_map(follow_ups);
    keys::lock(session, new_jobs()).await?;
    let mut published = publish(session, &applied).await?;
    let mut raised: Vec<&Raise> = Vec::new();
    for settlement in &open {
        let id = settlement.lease.job();
        let answer = match jobs.get(&id) {
            Some(job) if held.contains(&id) && overruled(settlement) => {
                let why = Payload::of_cancellation("cancel requested");
                finish::finish(session, job, JobState::Cancelled, Some(&why)).await?;
                Settled::CancelRequested
            }
            Some(job) if held.contains(&id) => {
                let published = published.remove(&id).unwrap_or_default();
                let (answer, letter) =
                    apply(session, job, &settlement.transition, published).await?;
                raised.extend(letter.map_or(&[][..], |state| raises(settlement, state)));
                answer
            }
            _ => Settled::LeaseLost,
        };
        answers.known.insert(id, answer);
    }
    keys::free(session, new_jobs()).await?;
    incident::raise(session, &raised).await
}

fn follow_ups(settlement: &Settlement) -> &[NewJob] {
    match &settlement.transition {
        Transition::Finish(completion) => &completion.follow_ups,
        _ => &[],
    }
}

fn brings_keys(settlement: &Settlement) -> bool {
    follow_ups(settlement)
        .iter()
        .any(|job| job.idempotency.is_some())
}

fn notifications(settlement: &Settlement) -> &[NewNotification] {
    match &settlement.transition {
        Transition::Finish(completion) => &completion.notifications,
        Transition::Bury(burial) => &burial.notifications,
        _ => &[],
    }
}

fn raises(settlement: &Settlement, letter: LetterState) -> &[Raise] {
    match &settlement.transition {
        Transition::Bury(burial) => burial.raised(letter),
        _ => &[],
    }
}

/// Whether there is something to be sent when this is settled.
pub(crate) fn publishes(batch: &SettleBatch) -> bool {
    let raises = |s: &Settlement| {
        let raised = |state: &LetterState| !raises(s, *state).is_empty();
        LetterState::ALL.iter().any(raised)
    };
    let publishes = |s: &Settlement| !notifications(s).is_empty() || raises(s);
    batch.settlements().iter().any(publishes)
}

/// Publishes what all of them bring at once, so that it happens in one order.
async fn publish(
    session: &mut Session<'_>,
    applied: &[&Settlement],
) -> Result<HashMap<JobId, Vec<Published>>> {
    let brought: Vec<_> = applied
        .iter()
        .flat_map(|s| {
            notifications(s)
                .iter()
                .map(|new| (Some(s.lease.job()), new))
        })
        .collect();
    if brought.is_empty() {
        return Ok(HashMap::new());
    }
    let published = publish::publish(session, &brought).await?;
    let mut of_job: HashMap<JobId, Vec<Published>> = HashMap::new();
    for ((job, _), published) in brought.iter().zip(published) {
        if let Some(job) = job {
            of_job.entry(*job).or_default().push(published);
        }
    }
    Ok(of_job)
}

/// Writes a transition; what the job's letter is now, if it died.
async fn apply(
    session: &mut Session<'_>,
    job: &LiveJob,
    transition: &Transition,
    published: Vec<Published>,
) -> Result<(Settled, Option<LetterState>)> {
    let settled = match transition {
        Transition::Finish(completion) => complete(session, job, completion, published).await?,
        Transition::Requeue(requeue) => {
            finish::requeue(session, job, requeue).await?;
            Settled::to(JobState::Queued)
        }
        Transition::Bury(burial) => {
            let letter = finish::bury(session, job, burial).await?;
            let applied = Settled::Applied(Applied {
                state: JobState::Dead,
                follow_ups: Vec::new(),
                notifications: published,
            });
            return Ok((applied, Some(letter)));
        }
        Transition::Cancel { reason } => {
            let why = Payload::of_cancellation(reason);
            finish::finish(session, job, JobState::Cancelled, Some(&why)).await?;
            Settled::to(JobState::Cancelled)
        }
    };
    Ok((settled, None))
}

async fn complete(
    session: &mut Session<'_>,
    job: &LiveJob,
    completion: &Completion,
    published: Vec<Published>,
) -> Result<Settled> {
    let required: BTreeSet<_> = completion
        .notifications
        .iter()
        .zip(&published)
        .filter(|(new, _)| new.required)
        .map(|(_, published)| published.id().get())
        .collect();
    let outstanding = publish::outstanding(session, required).await?;
    let result = completion.result.as_ref();
    let state = if outstanding.is_empty() {
        finish::finish(session, job, JobState::Succeeded, result).await?;
        JobState::Succeeded
    } else {
        finish::await_delivery(session, job, result, outstanding).await?;
        JobState::AwaitingDelivery
    };
    let follow_ups = if completion.follow_ups.is_empty() {
        Vec::new()
    } else {
        enqueue::enqueue(session, &completion.follow_ups).await?
    };
    Ok(Settled::Applied(Applied {
        state,
        follow_ups,
        notifications: published,
    }))
}
