//! Storing messages, the same intent once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use queue_core::{Intent, JobId, NewNotification, NotificationId, Published, digest};
use sqlx::Row;

use crate::fault::{Fault, Result};
use crate::micros::Micros;
use crate::row::{Columns, stored_type, stored_version};
use crate::session::Session;
use crate::sql::sql;

/// A message with the job that brings it.
pub(crate) type Brought<'a> = (Option<JobId>, &'a NewNotification);

/// Stores messages in one order; the same intent once.
pub(crate) async fn publish(
    session: &mut Session<'_>,
    new: &[Brought<'_>],
) -> Result<Vec<Published>> {
    let mut first: BTreeMap<&Intent, usize> = BTreeMap::new();
    for (index, (_, notification)) in new.iter().enumerate() {
        first.entry(&notification.intent).or_insert(index);
    }
    let ids = draw(session, first.len()).await?;
    // Numbers in the order of the input, rows in the order of the intents.
    let mut firsts: Vec<usize> = first.values().copied().collect();
    firsts.sort_unstable();
    let number: HashMap<usize, i64> = firsts.into_iter().zip(ids).collect();
    let rows: Vec<(i64, Brought<'_>)> = first
        .values()
        .filter_map(|index| Some((*number.get(index)?, *new.get(*index)?)))
        .collect();
    let mut stored = HashSet::new();
    let mut known = HashMap::new();
    let mut open = rows;
    // An intent that maintenance removes between the two statements is stored the next time round.
    while !open.is_empty() {
        stored.extend(insert(session, &open).await?);
        open.retain(|(id, _)| !stored.contains(id));
        let missing: Vec<&Intent> = open.iter().map(|(_, (_, new))| &new.intent).collect();
        known.extend(find(session, &missing).await?);
        open.retain(|(_, (_, new))| !known.contains_key(&new.intent));
    }
    let answer = |(index, (_, notification)): (usize, &Brought<'_>)| {
        let intent = &notification.intent;
        if let Some(id) = known.get(intent) {
            return Some(Published::Duplicate(*id));
        }
        let place = first.get(intent)?;
        let id = NotificationId::new(*number.get(place)?);
        Some(if *place == index {
            Published::Stored(id)
        } else {
            Published::Duplicate(id)
        })
    };
    new.iter()
        .enumerate()
        .map(answer)
        .collect::<Option<_>>()
        .ok_or_else(|| Fault::corrupt("a notification was neither stored nor known"))
}

async fn draw(session: &mut Session<'_>, count: usize) -> Result<Vec<i64>> {
    let statement = session
        .statement(sql!("outbox", "outbox_ids"))
        .bind(i64::try_from(count).unwrap_or(i64::MAX));
    let rows = session.rows(statement).await?;
    rows.iter()
        .map(|row| Ok(row.try_get_unchecked(0)?))
        .collect()
}

async fn insert(session: &mut Session<'_>, rows: &[(i64, Brought<'_>)]) -> Result<HashSet<i64>> {
    fn of<'a, T>(
        rows: &'a [(i64, Brought<'a>)],
        column: impl Fn(&'a NewNotification) -> T,
    ) -> Vec<T> {
        rows.iter().map(|(_, (_, new))| column(new)).collect()
    }
    let now = session.now()?;
    let ids: Vec<_> = rows.iter().map(|(id, _)| *id).collect();
    let jobs: Vec<_> = rows
        .iter()
        .map(|(_, (job, _))| job.map(JobId::get))
        .collect();
    let statement = session
        .statement(sql!("outbox", "outbox_publish"))
        .bind(Micros(now))
        .bind(ids)
        .bind(jobs)
        .bind(of(rows, |new| new.intent.revision.get()))
        .bind(of(rows, |new| Micros(new.run_at.resolve(now))))
        .bind(of(rows, |new| stored_version(&new.message)))
        .bind(of(rows, |new| new.intent.channel.as_str()))
        .bind(of(rows, |new| new.intent.purpose.as_str()))
        .bind(of(rows, |new| new.intent.subject.as_str()))
        .bind(of(rows, |new| new.intent.recipient.as_str()))
        .bind(of(rows, |new| stored_type(&new.message)))
        .bind(of(rows, |new| new.message.bytes().as_ref()))
        .bind(of(rows, |new| digest(&new.message)));
    let stored = session.rows(statement).await?;
    stored
        .iter()
        .map(|row| Ok(row.try_get_unchecked(0)?))
        .collect()
}

async fn find<'a>(
    session: &mut Session<'_>,
    intents: &[&'a Intent],
) -> Result<HashMap<&'a Intent, NotificationId>> {
    if intents.is_empty() {
        return Ok(HashMap::new());
    }
    let of = |column: fn(&Intent) -> &str| intents.iter().map(|i| column(i)).collect::<Vec<_>>();
    let revisions: Vec<_> = intents.iter().map(|intent| intent.revision.get()).collect();
    let statement = session
        .statement(sql!("outbox", "outbox_known"))
        .bind(of(|intent| intent.channel.as_str()))
        .bind(of(|intent| intent.purpose.as_str()))
        .bind(of(|intent| intent.subject.as_str()))
        .bind(of(|intent| intent.recipient.as_str()))
        .bind(revisions);
    let rows = session.rows(statement).await?;
    let read = |row| {
        let mut row = Columns::of(row);
        let (id, n) = (NotificationId::new(row.value()?), row.value::<i64>()?);
        let intent = usize::try_from(n - 1).ok().and_then(|n| intents.get(n));
        let intent = intent.ok_or_else(|| Fault::corrupt("an intent has no place"))?;
        Ok((*intent, id))
    };
    rows.iter().map(read).collect()
}

/// Those of these rows that are neither sent nor waived; they stay so until the end of the
/// transaction.
pub(crate) async fn outstanding(
    session: &mut Session<'_>,
    required: BTreeSet<i64>,
) -> Result<Vec<i64>> {
    if required.is_empty() {
        return Ok(Vec::new());
    }
    let required: Vec<_> = required.into_iter().collect();
    let statement = session
        .statement(sql!("outbox", "outbox_outstanding"))
        .bind(required);
    let rows = session.rows(statement).await?;
    rows.iter()
        .map(|row| Ok(row.try_get_unchecked(0)?))
        .collect()
}
