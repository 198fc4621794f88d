//! Keeping leases alive.

use std::collections::{HashMap, HashSet};

use queue_core::{JobId, Lease, ProgressReport, RenewBatch, Renewed, Timestamp, codes::flag};
use sqlx::postgres::PgRow;

use crate::fault::Result;
use crate::micros::{Micros, micros};
use crate::ops::enqueue::of;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// A batch on its way: what is answered, and what another had locked.
///
/// Whoever waits for a row while it holds others can be part of a circle. So all that are free are
/// renewed at once; for one of the others is waited with nothing in hand, and then those that are left
/// are tried again, since whoever held one up has mostly held up all.
#[derive(Debug)]
pub(crate) struct Renewing<'a> {
    batch: &'a RenewBatch,
    /// Not answered yet, by number.
    open: Vec<&'a Lease>,
    /// When all of those were held; known once it was tried.
    held: Option<Timestamp>,
    extended: HashMap<JobId, Renewed>,
}

/// What a statement says of a lease.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    Extended(JobId, Renewed),
    Locked(JobId, Timestamp),
}

impl<'a> Renewing<'a> {
    pub(crate) fn of(batch: &'a RenewBatch) -> Self {
        let mut open: Vec<_> = batch.leases().iter().collect();
        open.sort_unstable_by_key(|lease| lease.job());
        Self {
            batch,
            open,
            held: None,
            extended: HashMap::with_capacity(batch.leases().len()),
        }
    }

    /// Takes the answers on all that is open: what is not among them is lost.
    pub(crate) fn heard(&mut self, answers: Vec<Answer>) {
        let mut locked = HashSet::new();
        for answer in answers {
            match answer {
                Answer::Extended(job, renewed) => drop(self.extended.insert(job, renewed)),
                Answer::Locked(job, held) => {
                    self.held = Some(held);
                    locked.insert(job);
                }
            }
        }
        self.open.retain(|lease| locked.contains(&lease.job()));
    }

    /// A lease to wait for, and when it was held.
    pub(crate) fn next(&mut self) -> Option<(&'a Lease, Timestamp)> {
        let held = self.held?;
        Some((self.open.pop()?, held))
    }

    /// Takes the answer on the one that was waited for.
    pub(crate) fn waited(&mut self, answer: Option<Answer>) {
        if let Some(Answer::Extended(job, renewed)) = answer {
            self.extended.insert(job, renewed);
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// In the order of the batch.
    pub(crate) fn in_order(mut self) -> Vec<Renewed> {
        let mut answer = |lease: &Lease| {
            let extended = self.extended.remove(&lease.job());
            extended.unwrap_or(Renewed::LeaseLost)
        };
        self.batch.leases().iter().map(&mut answer).collect()
    }
}

/// Extends what is open and free, and stores what is reported under it, all in one statement.
pub(crate) async fn renew_free(
    session: &mut Session<'_>,
    renewing: &Renewing<'_>,
) -> Result<Vec<Answer>> {
    let Renewing { batch, open, .. } = renewing;
    let (ids, fences): (Vec<_>, Vec<_>) = open
        .iter()
        .map(|lease| (lease.job().get(), lease.fence().get()))
        .unzip();
    let text = if batch.has_reports() {
        sql!("renew", "renew_reporting")
    } else {
        sql!("renew", "renew")
    };
    let mut statement = session
        .statement(text)
        .bind(ids)
        .bind(fences)
        .bind(renewing.held.map(Micros).or(session.time()))
        .bind(micros(batch.lease()));
    if batch.has_reports() {
        let reports = of(open, |lease| batch.report(lease.job()));
        statement = statement
            .bind(of(&reports, Option::is_some))
            .bind(of(&reports, |report| percent(*report)))
            .bind(of(&reports, |report| note(*report)));
    }
    session.rows(statement).await?.iter().map(read).collect()
}

/// Extends one lease, whoever has its row now.
pub(crate) async fn renew_one(
    session: &mut Session<'_>,
    batch: &RenewBatch,
    lease: &Lease,
    held: Timestamp,
) -> Result<Option<Answer>> {
    let report = batch.report(lease.job());
    let statement = session
        .statement(sql!("renew", "renew_one"))
        .bind(lease.job().get())
        .bind(lease.fence().get())
        .bind(Micros(held))
        .bind(micros(batch.lease()))
        .bind(report.is_some())
        .bind(percent(report))
        .bind(note(report));
    session
        .maybe(statement)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

fn percent(report: Option<&ProgressReport>) -> Option<i16> {
    report.and_then(ProgressReport::percent).map(i16::from)
}

fn note(report: Option<&ProgressReport>) -> Option<String> {
    report.and_then(ProgressReport::note).map(str::to_owned)
}

fn read(row: &PgRow) -> Result<Answer> {
    let mut row = Columns::of(row);
    let (job, time, flags) = (row.job()?, row.time()?, row.value::<Option<i16>>()?);
    Ok(match flags {
        None => Answer::Locked(job, time),
        Some(flags) => {
            let renewed = Renewed::Extended {
                expires_at: time,
                cancel_requested: flags & flag::CANCEL != 0,
            };
            Answer::Extended(job, renewed)
        }
    })
}
