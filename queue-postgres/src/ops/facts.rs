//! How the server is set up, read on connections as the store opens them.

use std::time::{Duration, Instant};

use queue_core::{StoreError, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, Executor, PgConnection, Row};

use crate::bell::MARK;
use crate::facts::{Listening, Pooler, PostgresFacts, PostgresPulse, Unseen};
use crate::fault::{Fault, Result, words};
use crate::pool::Pool;
use crate::session::Session;
use crate::sql::{Dialect, sql};

/// So many transactions are held open at most, until one of them has the session of somebody else.
const HOLDERS: usize = 4;
/// The quickest of so many answers says most of the clock.
const TICKS: usize = 3;

/// What is known before anything is asked.
pub(crate) struct Way<'o> {
    pub(crate) connect: &'o PgConnectOptions,
    pub(crate) listen: Option<&'o PgConnectOptions>,
    pub(crate) dialect: &'o Dialect,
    pub(crate) prepared: bool,
    pub(crate) pool_size: u32,
    pub(crate) patience: Duration,
}

#[derive(Deserialize)]
struct Probe {
    own: bool,
    pid: i32,
    idle_in_transaction_seconds: f64,
}

/// Everything that can be read; what cannot is among the facts.
pub(crate) async fn facts(way: Way<'_>) -> std::result::Result<PostgresFacts, StoreError> {
    let pool = Pool::new(way.connect.clone(), 1, way.prepared, way.patience);
    let mut connection = pool.connect_for("facts").await?;
    let named = |fault: Fault| fault.named("facts", Duration::ZERO);
    let conn = &mut connection;
    let dialect = way.dialect;
    let server = one(conn, dialect, sql!("facts", "facts_server")).await;
    let server = server.map_err(named)?;
    let (ahead, within) = clock(conn, dialect).await.map_err(named)?;
    let mut unseen = Vec::new();
    let mut missed = |what, fault: Fault| {
        unseen.push(Unseen {
            what,
            why: told(fault),
        });
    };
    let standbys = one(conn, dialect, sql!("facts", "facts_standbys")).await;
    let standbys = standbys.map_err(|fault| missed("the standbys", fault)).ok();
    let horizon = all(conn, dialect, sql!("facts", "facts_horizon")).await;
    let horizon = horizon.map_err(|fault| missed("who holds the horizon", fault));
    let tables = all(conn, dialect, sql!("facts", "facts_tables")).await;
    let tables = tables
        .map_err(|fault| missed("the tables", fault))
        .unwrap_or_default();
    let days = match tables.is_empty() {
        true => None,
        false => {
            let days = one(conn, dialect, sql!("facts", "facts_days")).await;
            days.map_err(|fault| missed("the days of the history", fault))
                .ok()
        }
    };
    let (pooler, idle) = pooler(&way).await;
    Ok(PostgresFacts {
        server,
        standbys,
        horizon: horizon.unwrap_or_default(),
        tables,
        days,
        pooler,
        listening: listening(&way, pooler).await,
        idle_in_transaction_seconds: idle,
        clock_ahead_micros: ahead,
        clock_within_micros: within,
        local: is_local(way.connect),
        prepared: way.prepared,
        pool_size: way.pool_size,
        unseen,
    })
}

/// What is asked often, in the transaction of an operation.
pub(crate) async fn pulse(session: &mut Session<'_>) -> Result<PostgresPulse> {
    let statement = session.statement(sql!("facts", "facts_pulse"));
    let row = session.one(statement).await?;
    read(row.try_get::<&str, _>(0)?)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        StoreError::backend("reading what the server says of itself", error).into()
    })
}

async fn all<T: DeserializeOwned>(
    conn: &mut PgConnection,
    dialect: &Dialect,
    text: &'static str,
) -> Result<Vec<T>> {
    let rows = conn.fetch_all(dialect.statement(text)).await?;
    rows.iter()
        .map(|row| read(row.try_get::<&str, _>(0)?))
        .collect()
}

async fn one<T: DeserializeOwned>(
    conn: &mut PgConnection,
    dialect: &Dialect,
    text: &'static str,
) -> Result<T> {
    let row = conn.fetch_one(dialect.statement(text)).await?;
    read(row.try_get::<&str, _>(0)?)
}

/// How far the server's clock is ahead, and how wrong that can be: it was read at some time between the
/// question and the answer.
#[expect(
    clippy::disallowed_methods,
    reason = "this host's clock is what the server's is compared with; nothing is decided by it"
)]
async fn clock(conn: &mut PgConnection, dialect: &Dialect) -> Result<(i64, i64)> {
    let mut best: Option<(i64, i64)> = None;
    for _ in 0..TICKS {
        let (asked, begun) = (Timestamp::of_this_host(), Instant::now());
        let row = conn
            .fetch_one(dialect.statement(sql!("facts", "facts_clock")))
            .await?;
        let half = i64::try_from(begun.elapsed().as_micros() / 2).unwrap_or(i64::MAX);
        let there: i64 = read(row.try_get::<&str, _>(0)?)?;
        let tick = (there - (asked.as_micros() + half), half);
        if best.is_none_or(|best| tick.1 < best.1) {
            best = Some(tick);
        }
    }
    Ok(best.unwrap_or_default())
}

fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    options.get_socket().is_some()
        || host.starts_with('/')
        || matches!(host, "localhost" | "127.0.0.1" | "::1")
}

async fn marked(options: &PgConnectOptions) -> std::result::Result<PgConnection, sqlx::Error> {
    PgConnection::connect_with(&options.clone().options(MARK)).await
}

/// Whether the mark arrives at the server. Where it does not, whether connections of ours share sessions:
/// each transaction holds one, and the one that the first connection had is sooner or later among them.
async fn pooler(way: &Way<'_>) -> (Pooler, Option<f64>) {
    let probe = sql!("facts", "facts_probe");
    if let Ok(mut connection) = marked(way.connect).await
        && let Ok(seen) = one::<Probe>(&mut connection, way.dialect, probe).await
        && seen.own
    {
        return (Pooler::None, Some(seen.idle_in_transaction_seconds));
    }
    let turns = async {
        let mut first = PgConnection::connect_with(way.connect).await?;
        let before: Probe = one(&mut first, way.dialect, probe).await?;
        let mut several = false;
        let mut holders = Vec::with_capacity(HOLDERS);
        while !several && holders.len() < HOLDERS {
            let mut holder = PgConnection::connect_with(way.connect).await?;
            holder.execute("BEGIN").await?;
            let held: Probe = one(&mut holder, way.dialect, probe).await?;
            holders.push(holder);
            several = held.pid == before.pid;
            if !several {
                let now: Probe = one(&mut first, way.dialect, probe).await?;
                several = now.pid != before.pid;
            }
        }
        for mut holder in holders {
            holder.execute("ROLLBACK").await?;
        }
        Ok::<_, Fault>((several, before.idle_in_transaction_seconds))
    };
    match tokio::time::timeout(way.patience, turns).await {
        Ok(Ok((true, idle))) => (Pooler::PerTransaction, Some(idle)),
        Ok(Ok((false, idle))) => (Pooler::Somewhere, Some(idle)),
        _ => (Pooler::Somewhere, None),
    }
}

async fn listening(way: &Way<'_>, pooler: Pooler) -> Listening {
    let Some(listen) = way.listen else {
        return match (way.prepared, pooler) {
            (false, _) => Listening::NoWay,
            (true, Pooler::None) => Listening::Possible,
            (true, _) => Listening::Pooled,
        };
    };
    let reached = async {
        let mut connection = marked(listen).await?;
        one::<Probe>(&mut connection, way.dialect, sql!("facts", "facts_probe")).await
    };
    match tokio::time::timeout(way.patience, reached).await {
        Ok(Ok(seen)) if seen.own => Listening::Possible,
        Ok(Ok(_)) => Listening::Pooled,
        // What poolers answer who do not hand start parameters on.
        Ok(Err(fault)) if fault.code().as_deref() == Some("08P01") => Listening::Pooled,
        Ok(Err(fault)) => Listening::Unreachable(told(fault)),
        Err(_) => Listening::Unreachable(format!("no answer within {:?}", way.patience)),
    }
}

fn told(fault: Fault) -> String {
    match fault {
        Fault::Sql(error) => words(&error),
        Fault::Store(error) => error.to_string(),
    }
}
