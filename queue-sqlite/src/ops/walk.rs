//! Ready jobs of a queue in claim order, without looking at any that may not be taken.
//!
//! The index is a bundle of runs, one per kind and tenancy, each sorted by priority, `run_at` and
//! id. A walk merges the runs of the kinds asked for, level by level, and reads of each run only what
//! is due: the cost follows what is taken and how many kinds there are, never the backlog. One index
//! sorted by priority alone would make a worker walk over all jobs of kinds that it does not know.

use std::collections::VecDeque;
use std::sync::Arc;

use queue_core::{KindName, TenantName};
use rusqlite::{OptionalExtension, ToSql, params};

use crate::fault::Result;
use crate::session::Session;
use crate::sql::sql;

/// Whose jobs a walk looks at.
#[derive(Debug, Clone)]
pub(crate) enum Lane {
    /// Everyone's.
    All,
    /// Those without tenant.
    Nobodys,
    /// One tenant's.
    Tenant(TenantName),
}

/// A job that may be taken.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) id: i64,
    pub(crate) kind: KindName,
}

/// One run of the index.
#[derive(Debug)]
struct Run {
    kind: KindName,
    scope: Scope,
    level: Option<i64>,
    ahead: VecDeque<(i64, i64)>,
    after: (i64, i64),
    dry: bool,
}

#[derive(Debug)]
enum Scope {
    Tenanted(bool),
    Tenant(TenantName),
}

impl ToSql for Scope {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        match self {
            Self::Tenanted(tenanted) => tenanted.to_sql(),
            Self::Tenant(tenant) => Ok(tenant.as_str().into()),
        }
    }
}

const BEFORE_ALL: (i64, i64) = (i64::MIN, i64::MIN);
const ABOVE_ALL_LEVELS: i64 = 4;

/// A merge of runs.
#[derive(Debug)]
pub(crate) struct Walk<'s, 'c> {
    session: &'s Session<'c>,
    queue: String,
    runs: Vec<Run>,
    level: Option<i64>,
    chunk: usize,
}

impl<'s, 'c> Walk<'s, 'c> {
    /// Of these kinds, expecting to be asked for about `wanted` jobs.
    pub(crate) fn new(
        session: &'s Session<'c>,
        queue: &str,
        kinds: &[KindName],
        lane: &Lane,
        wanted: u32,
    ) -> Result<Self> {
        let mut runs = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let scopes = match lane {
                Lane::All => vec![Scope::Tenanted(false), Scope::Tenanted(true)],
                Lane::Nobodys => vec![Scope::Tenanted(false)],
                Lane::Tenant(tenant) => vec![Scope::Tenant(tenant.clone())],
            };
            for scope in scopes {
                let mut run = Run {
                    kind: kind.clone(),
                    scope,
                    level: None,
                    ahead: VecDeque::new(),
                    after: BEFORE_ALL,
                    dry: false,
                };
                run.descend(session, queue, ABOVE_ALL_LEVELS)?;
                if run.level.is_some() {
                    runs.push(run);
                }
            }
        }
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let chunk = match runs.len() {
            0 | 1 => wanted,
            many => wanted.min(2 * wanted / many + 16),
        };
        let mut walk = Self {
            session,
            queue: queue.to_owned(),
            runs,
            level: None,
            chunk,
        };
        walk.level = walk.highest();
        Ok(walk)
    }

    fn highest(&self) -> Option<i64> {
        self.runs.iter().filter_map(|run| run.level).max()
    }

    /// The next job in claim order.
    pub(crate) fn next(&mut self) -> Result<Option<Candidate>> {
        while let Some(level) = self.level {
            let mut best: Option<((i64, i64), usize)> = None;
            for (index, run) in self.runs.iter_mut().enumerate() {
                if run.level != Some(level) {
                    continue;
                }
                run.refill(self.session, &self.queue, level, self.chunk)?;
                if let Some(&head) = run.ahead.front()
                    && best.is_none_or(|(least, _)| head < least)
                {
                    best = Some((head, index));
                }
            }
            if let Some(run) = best.and_then(|(_, index)| self.runs.get_mut(index))
                && let Some((_, id)) = run.ahead.pop_front()
            {
                let kind = run.kind.clone();
                return Ok(Some(Candidate { id, kind }));
            }
            for run in &mut self.runs {
                if run.level == Some(level) {
                    run.descend(self.session, &self.queue, level)?;
                }
            }
            self.level = self.highest();
        }
        Ok(None)
    }
}

impl Run {
    /// Goes on to the next level that has jobs.
    fn descend(&mut self, session: &Session<'_>, queue: &str, below: i64) -> Result<()> {
        let statement = match self.scope {
            Scope::Tenanted(_) => sql!("walk", "walk_level"),
            Scope::Tenant(_) => sql!("walk", "walk_tenant_level"),
        };
        self.level = session
            .prepare(statement)?
            .query_row(
                params![queue, self.kind.as_str(), self.scope, below],
                |row| row.get(0),
            )
            .optional()?;
        self.after = BEFORE_ALL;
        self.dry = false;
        Ok(())
    }

    /// Reads on when what was read is used up.
    fn refill(
        &mut self,
        session: &Session<'_>,
        queue: &str,
        level: i64,
        chunk: usize,
    ) -> Result<()> {
        if self.dry || !self.ahead.is_empty() {
            return Ok(());
        }
        let statement = match self.scope {
            Scope::Tenanted(_) => sql!("walk", "walk_due"),
            Scope::Tenant(_) => sql!("walk", "walk_tenant_due"),
        };
        let mut statement = session.prepare(statement)?;
        let limit = i64::try_from(chunk).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![
            queue,
            self.kind.as_str(),
            self.scope,
            level,
            session.micros(),
            self.after.0,
            self.after.1,
            limit
        ])?;
        while let Some(row) = rows.next()? {
            self.ahead.push_back((row.get(0)?, row.get(1)?));
        }
        self.dry = self.ahead.len() < chunk;
        self.after = self.ahead.back().copied().unwrap_or(self.after);
        Ok(())
    }
}

/// The kinds that have ready jobs in a queue, due or not.
pub(crate) fn kinds(session: &Session<'_>, queue: &str) -> Result<Vec<KindName>> {
    let mut statement = session.prepare(sql!("walk", "walk_next_kind"))?;
    let mut kinds: Vec<KindName> = Vec::new();
    loop {
        let last = kinds.last().map_or("", KindName::as_str);
        let next: Option<Arc<str>> = statement
            .query_row([queue, last], |row| row.get(0))
            .optional()?;
        match next {
            Some(kind) => kinds.push(KindName::new(kind)?),
            None => return Ok(kinds),
        }
    }
}

/// The next tenant by name that has ready jobs in a queue, due or not.
pub(crate) fn next_tenant(
    session: &Session<'_>,
    queue: &str,
    after: Option<&TenantName>,
) -> Result<Option<TenantName>> {
    let after = after.map_or("", TenantName::as_str);
    let next: Option<Arc<str>> = session
        .prepare(sql!("walk", "walk_next_tenant"))?
        .query_row([queue, after], |row| row.get(0))
        .optional()?;
    Ok(next.map(TenantName::new).transpose()?)
}
