//! Ordering keys: at most one job of a key is admitted, the others wait for their turn.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use queue_core::{JobId, OrderingKey, QueueName, Timestamp, codes};

use crate::fault::Result;
use crate::micros::Micros;
use crate::ops::claim::levels;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// What jobs take turns on.
pub(crate) type TurnKey = (QueueName, OrderingKey);

/// More keys than this are locked all at once: the server's table of locks has room for a few
/// thousand, of all transactions together.
const FEW: usize = 256;

/// Keeps everybody else from deciding about these turns until the end of the transaction.
pub(crate) async fn lock(session: &mut Session<'_>, keys: &BTreeSet<TurnKey>) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    if keys.len() > FEW {
        let all = session.statement(sql!("turn", "turn_lock_all"));
        return session.execute(all).await.map(drop);
    }
    let few = session.statement(sql!("turn", "turn_lock_few"));
    session.execute(few).await?;
    let (queues, names) = split(keys.iter());
    let each = session
        .statement(sql!("turn", "turn_lock_keys"))
        .bind(queues)
        .bind(names);
    session.execute(each).await.map(drop)
}

fn split<'a>(keys: impl Iterator<Item = &'a TurnKey>) -> (Vec<&'a str>, Vec<&'a str>) {
    keys.map(|(queue, key)| (queue.as_str(), key.as_str()))
        .unzip()
}

/// The keys of these jobs.
pub(crate) async fn keys(session: &mut Session<'_>, jobs: &[i64]) -> Result<BTreeSet<TurnKey>> {
    let statement = session.statement(sql!("turn", "turn_keys")).bind(jobs);
    read_keys(&session.rows(statement).await?)
}

pub(crate) fn read_keys(rows: &[sqlx::postgres::PgRow]) -> Result<BTreeSet<TurnKey>> {
    let read = |row| {
        let mut row = Columns::of(row);
        Ok((row.name()?, row.name()?))
    };
    rows.iter().map(read).collect()
}

/// Where a job that joins a turn stands.
pub(crate) struct Place {
    pub(crate) state: i16,
    /// The job that was admitted and waits now.
    pub(crate) overtaken: Option<i64>,
}

struct Admitted {
    id: i64,
    running: bool,
    run_at: Timestamp,
}

/// Who is admitted to the turns of some keys, as of now and as jobs join.
pub(crate) struct Turns {
    loose: HashSet<QueueName>,
    admitted: BTreeMap<TurnKey, Admitted>,
}

impl Turns {
    /// Reads them; their locks must be held.
    pub(crate) async fn load(session: &mut Session<'_>, keys: BTreeSet<TurnKey>) -> Result<Self> {
        let mut turns = Self {
            loose: HashSet::new(),
            admitted: BTreeMap::new(),
        };
        if keys.is_empty() {
            return Ok(turns);
        }
        let (queues, names) = split(keys.iter());
        let modes = session
            .statement(sql!("turn", "turn_modes"))
            .bind(queues.clone());
        for row in &session.rows(modes).await? {
            turns.loose.insert(Columns::of(row).name()?);
        }
        let admitted = session
            .statement(sql!("turn", "turn_admitted"))
            .bind(queues)
            .bind(names);
        for row in &session.rows(admitted).await? {
            let mut row = Columns::of(row);
            let id = row.value()?;
            let key = (row.name()?, row.name()?);
            let running = row.value::<i16>()? == codes::RUNNING;
            let run_at = row.time()?;
            turns.admitted.insert(
                key,
                Admitted {
                    id,
                    running,
                    run_at,
                },
            );
        }
        Ok(turns)
    }

    /// A queued job joins: it is admitted if nobody is, or (in loose mode) instead of one whose time
    /// comes later.
    pub(crate) fn join(&mut self, key: TurnKey, id: i64, run_at: Timestamp) -> Place {
        let new = Admitted {
            id,
            running: false,
            run_at,
        };
        let Some(admitted) = self.admitted.get_mut(&key) else {
            self.admitted.insert(key, new);
            return Place {
                state: codes::READY,
                overtaken: None,
            };
        };
        if self.loose.contains(&key.0) && !admitted.running && admitted.run_at > run_at {
            let overtaken = std::mem::replace(admitted, new).id;
            return Place {
                state: codes::READY,
                overtaken: Some(overtaken),
            };
        }
        Place {
            state: codes::WAITING,
            overtaken: None,
        }
    }

    fn is_loose(&self, queue: &QueueName) -> bool {
        self.loose.contains(queue)
    }
}

/// Puts jobs into a state of waiting or being admitted.
pub(crate) async fn set(session: &mut Session<'_>, jobs: &[i64], state: i16) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let statement = session
        .statement(sql!("turn", "turn_set"))
        .bind(jobs)
        .bind(state);
    session.execute(statement).await.map(drop)
}

/// Admits the next of a key whose admitted job has left.
pub(crate) async fn admit_next(session: &mut Session<'_>, key: &TurnKey) -> Result<()> {
    let turns = Turns::load(session, BTreeSet::from([key.clone()])).await?;
    if !turns.admitted.is_empty() {
        return Ok(());
    }
    choose(session, key, turns.is_loose(&key.0)).await
}

async fn choose(session: &mut Session<'_>, key: &TurnKey, loose: bool) -> Result<()> {
    let statement = if loose {
        session
            .statement(sql!("turn", "turn_first_due"))
            .bind(key.0.as_str())
            .bind(key.1.as_str())
            .bind(Micros(session.now()?))
            .bind(levels())
    } else {
        session
            .statement(sql!("turn", "turn_first_in_line"))
            .bind(key.0.as_str())
            .bind(key.1.as_str())
    };
    let Some(row) = session.maybe(statement).await? else {
        return Ok(());
    };
    let mut row = Columns::of(&row);
    let (next, run_at): (i64, _) = (row.value()?, row.time()?);
    set(session, &[next], codes::READY).await?;
    session.became_claimable(run_at);
    Ok(())
}

/// A job was requeued: it keeps its place, unless the mode is loose; then the choice is made anew.
pub(crate) async fn choose_again(
    session: &mut Session<'_>,
    key: &TurnKey,
    job: JobId,
) -> Result<()> {
    let turns = Turns::load(session, BTreeSet::from([key.clone()])).await?;
    if turns.is_loose(&key.0) {
        set(session, &[job.get()], codes::WAITING).await?;
        choose(session, key, true).await?;
    }
    Ok(())
}
