//! Idempotency keys of a batch: taken hold of in one order, then given to jobs or given up.

use std::collections::{BTreeMap, BTreeSet};

use queue_core::{IdempotencyKey, JobId, KindName, NewJob, Timestamp};

use crate::fault::Result;
use crate::micros::Micros;
use crate::ops::enqueue::of;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

type Scope = (KindName, IdempotencyKey);

/// The idempotency keys of a batch, held until the end of the transaction.
pub(crate) struct Keys {
    /// The job that answers for each key, if one does.
    first: BTreeMap<Scope, Option<JobId>>,
    taken: BTreeMap<Scope, (JobId, Timestamp)>,
}

fn scope(job: &NewJob) -> Option<Scope> {
    let idempotency = job.idempotency.as_ref()?;
    Some((job.kind.clone(), idempotency.key.clone()))
}

/// Takes hold of the keys of these jobs in one order; whoever comes later waits.
pub(crate) async fn lock(
    session: &mut Session<'_>,
    jobs: impl Iterator<Item = &NewJob>,
) -> Result<()> {
    let wanted: BTreeSet<_> = jobs.filter_map(scope).collect();
    hold(session, &wanted).await.map(drop)
}

/// Gives up keys that were taken hold of and are nobody's.
pub(crate) async fn free(
    session: &mut Session<'_>,
    jobs: impl Iterator<Item = &NewJob>,
) -> Result<()> {
    let wanted: BTreeSet<_> = jobs.filter_map(scope).collect();
    forget(session, &wanted.iter().collect::<Vec<_>>()).await
}

async fn forget(session: &mut Session<'_>, scopes: &[&Scope]) -> Result<()> {
    if scopes.is_empty() {
        return Ok(());
    }
    let statement = session
        .statement(sql!("enqueue", "enqueue_forget"))
        .bind(of(scopes, |(kind, _)| kind.as_str()))
        .bind(of(scopes, |(_, key)| key.as_str()));
    session.execute(statement).await.map(drop)
}

async fn hold(
    session: &mut Session<'_>,
    wanted: &BTreeSet<Scope>,
) -> Result<BTreeMap<Scope, Option<JobId>>> {
    let mut first = BTreeMap::new();
    // A key that was forgotten between the two statements is taken hold of the next time round.
    while first.len() < wanted.len() {
        let missing: Vec<_> = wanted
            .iter()
            .filter(|scope| !first.contains_key(*scope))
            .collect();
        let kinds = of(&missing, |(kind, _)| kind.as_str());
        let keys = of(&missing, |(_, key)| key.as_str());
        let lock = session
            .statement(sql!("enqueue", "enqueue_lock_keys"))
            .bind(kinds.clone())
            .bind(keys.clone());
        session.execute(lock).await?;
        let read = session
            .statement(sql!("enqueue", "enqueue_keys"))
            .bind(kinds)
            .bind(keys)
            .bind(session.time());
        for row in &session.rows(read).await? {
            let mut row = Columns::of(row);
            let scope = (row.name()?, row.name()?);
            let (job, remembered) = (row.job()?, row.value::<bool>()?);
            first.insert(scope, Some(job).filter(|_| remembered));
        }
    }
    Ok(first)
}

impl Keys {
    pub(crate) async fn hold(session: &mut Session<'_>, jobs: &[NewJob]) -> Result<Self> {
        let wanted: BTreeSet<_> = jobs.iter().filter_map(scope).collect();
        Ok(Self {
            first: hold(session, &wanted).await?,
            taken: BTreeMap::new(),
        })
    }

    pub(crate) fn first(&self, job: &NewJob) -> Option<JobId> {
        self.first.get(&scope(job)?).copied().flatten()
    }

    pub(crate) fn take(&mut self, job: &NewJob, id: JobId, now: Timestamp) {
        if let (Some(scope), Some(idempotency)) = (scope(job), &job.idempotency) {
            self.first.insert(scope.clone(), Some(id));
            self.taken.insert(scope, (id, now + idempotency.retention));
        }
    }

    /// Writes which job answers for which key; a refused job leaves no key behind.
    pub(crate) async fn write(self, session: &mut Session<'_>) -> Result<()> {
        if !self.taken.is_empty() {
            let taken: Vec<_> = self.taken.iter().collect();
            let statement = session
                .statement(sql!("enqueue", "enqueue_remember"))
                .bind(of(&taken, |((kind, _), _)| kind.as_str()))
                .bind(of(&taken, |((_, key), _)| key.as_str()))
                .bind(of(&taken, |(_, (job, _))| job.get()))
                .bind(of(&taken, |(_, (_, until))| Micros(*until)));
            session.execute(statement).await?;
        }
        let unused = |scope: &&Scope| !self.taken.contains_key(*scope);
        let unused: Vec<_> = self.first.keys().filter(unused).collect();
        forget(session, &unused).await
    }
}
