//! An end for finished jobs: days that are nobody's any more as a whole, and what shorter rules end for
//! out of the midst of days that others keep.

use queue_core::{Retention, RetentionSort, Share, Timestamp};
use sqlx::Row;

use crate::fault::Result;
use crate::micros::Micros;
use crate::ops::days::{SMALL, begin};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// How much of a day is read at once at most, for however few rows: 32 MiB.
const BLOCKS: i64 = 4096;

struct Day {
    name: String,
    estimate: i64,
    size: i64,
    from: Timestamp,
    to: Timestamp,
}

/// What went, and whether there is more.
#[derive(Debug, Default)]
pub(crate) struct Thinned {
    pub(crate) removed: u64,
    pub(crate) more: bool,
}

/// Ends finished jobs: days that are over as a whole, the rest by at most about `limit` rows of each share.
pub(crate) async fn prune_history(
    session: &mut Session<'_>,
    retention: &Retention,
    limit: u32,
) -> Result<Thinned> {
    begin(session).await?;
    let now = session.now()?;
    let shares = retention.shares(RetentionSort::History);
    let newest = shares.iter().filter_map(|share| share.kept.before(now));
    let Some(newest) = newest.max() else {
        return Ok(Thinned::default());
    };
    let all = days(session, newest).await?;
    let nobodys = retention.longest(RetentionSort::History).before(now);
    let (over, kept): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|day| nobodys.is_some_and(|before| day.to <= before));
    let mut done = Thinned::default();
    for share in &shares {
        if let Some(before) = share.kept.before(now) {
            let alone = shares.len() == 1;
            let thinned = thin_out(session, share, (before, alone), &kept, limit).await?;
            done.removed += thinned.removed;
            done.more |= thinned.more;
        }
    }
    for day in &over {
        let rows = if day.size > SMALL {
            day.estimate
        } else {
            count(session, &day.name).await?
        };
        done.removed += u64::try_from(rows).unwrap_or(0);
    }
    // Last: from here to the commit nobody can use history.
    if !over.is_empty() {
        let names: Vec<_> = over
            .iter()
            .map(|day| format!("leasehold.{}", day.name))
            .collect();
        session
            .define(&format!("DROP TABLE {}", names.join(", ")))
            .await?;
    }
    Ok(done)
}

async fn days(session: &mut Session<'_>, before: Timestamp) -> Result<Vec<Day>> {
    let partitions = session
        .statement(sql!("maintain", "maintain_partitions"))
        .bind(Micros(before));
    let read = |row| {
        let mut row = Columns::of(row);
        Ok(Day {
            name: row.value()?,
            estimate: row.value()?,
            size: row.value()?,
            from: row.time()?,
            to: row.time()?,
        })
    };
    session.rows(partitions).await?.iter().map(read).collect()
}

async fn count(session: &mut Session<'_>, day: &str) -> Result<i64> {
    let sql = format!("SELECT count(*) FROM leasehold.{day}");
    Ok(session.one_of(&sql).await?.try_get(0)?)
}

/// Removes what ended before from the days that stay. A day that is over for the share is gone through
/// once, block by block; how far is remembered. Of one that is not, small as it is, rows go one by one.
async fn thin_out(
    session: &mut Session<'_>,
    share: &Share,
    (before, alone): (Timestamp, bool),
    days: &[Day],
    limit: u32,
) -> Result<Thinned> {
    let fallen = session
        .statement(sql!("maintain", "maintain_default"))
        .bind(Micros(before))
        .bind(i64::from(limit))
        .bind(names(share))
        .bind(share.of.is_one());
    let mut done = Thinned {
        removed: session.execute(fallen).await?,
        more: false,
    };
    let mut left = u64::from(limit);
    done.more = done.removed >= left;
    let begun = if alone {
        None
    } else {
        reached(session, share).await?
    };
    let (mut at, mut blocks) = (begun, BLOCKS);
    for day in days {
        if left == 0 || blocks <= 0 {
            done.more = true;
            break;
        }
        if day.to <= before {
            let from = match at {
                Some((at, _)) if day.from < at => continue,
                Some((at, block)) if day.from == at => block,
                _ => 0,
            };
            let pages = day.size.div_euclid(PAGE) + 1;
            let to = pages.min(from + blocks);
            let (removed, block) = stretch(session, share, day, (from, to), left).await?;
            done.removed += removed;
            left = left.saturating_sub(removed);
            blocks -= (block - from).max(1);
            if block < pages {
                at = Some((day.from, block));
                done.more = true;
                break;
            }
            at = Some((day.to, 0));
        } else if day.size <= SMALL {
            let removed = of_the_day(session, share, day, before, left).await?;
            done.removed += removed;
            done.more |= removed >= left;
        }
    }
    if let Some(at) = at.filter(|_| at != begun) {
        reach(session, share, at).await?;
    }
    Ok(done)
}

/// What a block has, in bytes: Postgres can be built with others, and is then gone through in larger or
/// smaller steps.
const PAGE: i64 = 8192;

/// Removes a share's rows from some blocks of a day, and says up to which block it got.
async fn stretch(
    session: &mut Session<'_>,
    share: &Share,
    day: &Day,
    (from, to): (i64, i64),
    limit: u64,
) -> Result<(u64, i64)> {
    let name = &day.name;
    // By the place: a range of it is read, and nothing else of the day. Nothing is added to a day that
    // is over, and no row of it is ever changed.
    let sql = format!(
        "DELETE FROM leasehold.{name} WHERE ctid = ANY (ARRAY( \
         SELECT ctid FROM leasehold.{name} WHERE ctid >= '({from},0)'::tid AND ctid < '({to},0)'::tid \
         AND (queue = ANY ($1)) = $2 LIMIT $3)) RETURNING (ctid::text::point)[0]::bigint"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let statement = session
        .composed(&sql)
        .bind(names(share))
        .bind(share.of.is_one())
        .bind(limit);
    let rows = session.rows(statement).await?;
    let removed = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    if removed < u64::try_from(limit).unwrap_or(0) {
        return Ok((removed, to));
    }
    // Of the last block there may be more.
    let blocks = rows.iter().map(|row| row.try_get::<i64, _>(0));
    let last = blocks.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok((removed, last.into_iter().max().unwrap_or(to)))
}

/// Removes rows from a day of which some are still kept.
async fn of_the_day(
    session: &mut Session<'_>,
    share: &Share,
    day: &Day,
    before: Timestamp,
    limit: u64,
) -> Result<u64> {
    let name = &day.name;
    let sql = format!(
        "DELETE FROM leasehold.{name} WHERE ctid = ANY (ARRAY( \
         SELECT ctid FROM leasehold.{name} \
         WHERE finished_at <= $1 AND (queue = ANY ($3)) = $4 LIMIT $2))"
    );
    let statement = session
        .composed(&sql)
        .bind(Micros(before))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(names(share))
        .bind(share.of.is_one());
    session.execute(statement).await
}

fn names(share: &Share) -> Vec<String> {
    let named = share.of.named();
    named.into_iter().map(str::to_owned).collect()
}

async fn reached(session: &mut Session<'_>, share: &Share) -> Result<Option<(Timestamp, i64)>> {
    let statement = session
        .statement(sql!("thinning", "thinning_from"))
        .bind(share.of.scope());
    let Some(row) = session.maybe(statement).await? else {
        return Ok(None);
    };
    let mut row = Columns::of(&row);
    Ok(Some((row.time()?, row.value()?)))
}

async fn reach(
    session: &mut Session<'_>,
    share: &Share,
    (day, block): (Timestamp, i64),
) -> Result<()> {
    let statement = session
        .statement(sql!("thinning", "thinning_reach"))
        .bind(share.of.scope())
        .bind(Micros(day))
        .bind(block);
    session.execute(statement).await.map(drop)
}
