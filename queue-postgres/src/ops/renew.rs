//! Keeping leases alive.

use std::collections::HashMap;

use queue_core::{Lease, ProgressReport, RenewBatch, Renewed, codes::flag};

use crate::fault::Result;
use crate::micros::micros;
use crate::ops::enqueue::of;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Extends leases and stores what is reported under them, all in one statement.
pub(crate) async fn renew(session: &mut Session<'_>, batch: &RenewBatch) -> Result<Vec<Renewed>> {
    let mut leases: Vec<&Lease> = batch.leases().iter().collect();
    leases.sort_unstable_by_key(|lease| lease.job());
    let (ids, fences): (Vec<_>, Vec<_>) = leases
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
        .bind(session.time())
        .bind(micros(batch.lease()));
    if batch.has_reports() {
        let reports = of(&leases, |lease| batch.report(lease.job()));
        let percent = |report: &Option<&ProgressReport>| {
            report.and_then(ProgressReport::percent).map(i16::from)
        };
        let note = |report: &Option<&ProgressReport>| {
            report.and_then(ProgressReport::note).map(str::to_owned)
        };
        statement = statement
            .bind(of(&reports, Option::is_some))
            .bind(of(&reports, percent))
            .bind(of(&reports, note));
    }
    let mut renewed = HashMap::new();
    for row in &session.rows(statement).await? {
        let mut row = Columns::of(row);
        let (job, expires_at, flags) = (row.job()?, row.time()?, row.value::<i16>()?);
        let extended = Renewed::Extended {
            expires_at,
            cancel_requested: flags & flag::CANCEL != 0,
        };
        renewed.insert(job, extended);
    }
    let answer = |lease: &Lease| renewed.remove(&lease.job()).unwrap_or(Renewed::LeaseLost);
    Ok(batch.leases().iter().map(answer).collect())
}
