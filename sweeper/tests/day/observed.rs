//! The process from outside, hour by hour: its memory, the rows of its tables, and how large they are.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use fixtures::postgres::PostgresCluster;
use queue_sqlite::rusqlite::Connection;

use crate::length::Length;

pub(crate) const URL: &str = "LEASEHOLD_DAY_URL";

/// What has rows for as long as work is under way, or its retention lasts.
const TABLES: [&str; 9] = [
    "job",
    "history",
    "notification",
    "delivery_event",
    "dead_letter",
    "subject",
    "requirement",
    "incident",
    "leader",
];

/// Where the rows are.
#[derive(Debug)]
pub(crate) enum Tables<'a> {
    Sqlite { file: PathBuf },
    Postgres { cluster: &'a PostgresCluster },
}

/// What was seen after an hour.
#[derive(Debug)]
struct Hour {
    said: Said,
    memory: u64,
    /// Of the file, or of the tables that work goes through.
    bytes: u64,
    rows: BTreeMap<String, u64>,
}

/// What the process did, all in all.
#[derive(Debug)]
struct Said {
    fired: u64,
    swept: u64,
    jobs_abandoned: u64,
    doubted: u64,
    rows_abandoned: u64,
    /// What it holds of its heap, in bytes.
    heap: u64,
}

/// Lets a day pass in another process, and judges it.
pub(crate) fn observe(url: &str, tables: &Tables<'_>) {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "watched", "--nocapture", "--test-threads=1"])
        .env(URL, url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut go_on = process.stdin.take().unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut hours = Vec::new();
    for line in lines.map_while(Result::ok) {
        let Some(said) = line.strip_prefix("hour ") else {
            continue;
        };
        let hour = Hour {
            said: Said::parse(said),
            memory: memory(process.id()),
            bytes: tables.bytes(),
            rows: tables.rows(),
        };
        println!("{hour:?}");
        hours.push(hour);
        go_on.write_all(b"\n").unwrap();
    }
    assert!(process.wait().unwrap().success());
    assert_eq!(hours.len(), Length::HOURS as usize);
    judge(&hours, tables);
}

fn judge(hours: &[Hour], tables: &Tables<'_>) {
    let length = Length::chosen();
    let last = &hours[hours.len() - 1];
    let ticks = Length::HOURS * length.minutes_per_hour + Length::HOURS;
    assert_eq!(last.said.fired, u64::from(ticks), "each tick once");
    // Those of the last minute are swept and doubted in it, too: leases are shorter.
    assert_eq!(last.said.swept, last.said.jobs_abandoned);
    assert_eq!(last.said.doubted, last.said.rows_abandoned);
    assert!(last.said.swept > 0 && last.said.doubted > 0, "{last:?}");

    let settled = &hours[Length::SETTLED - 1..];
    let memory: Vec<_> = settled.iter().map(|hour| hour.memory).collect();
    assert_flat("kB of memory", &memory, 0.05, 0);
    // Without what the allocator keeps in hand, and without SQLite's own, which is in the other figure.
    let heap: Vec<_> = settled.iter().map(|hour| hour.said.heap).collect();
    assert_flat("bytes of heap", &heap, 0.05, 0);
    let bytes: Vec<_> = settled.iter().map(|hour| hour.bytes).collect();
    assert_flat("bytes of tables", &bytes, tables.slack(), 0);
    for table in tables.removed_by_row() {
        let rows: Vec<_> = settled.iter().map(|hour| hour.rows[table]).collect();
        assert_flat(table, &rows, 0.05, 20);
    }
    tables.judge_last(last, length);
}

/// No later hour has more than the first ones by this part, or by so many.
fn assert_flat(what: &str, series: &[u64], part: f64, few: u64) {
    let (first, later) = series.split_at(series.len() / 3);
    let (before, after) = (first.iter().max().unwrap(), later.iter().max().unwrap());
    let bound = (*before as f64 * (1.0 + part)) as u64 + few;
    assert!(*after <= bound, "{what} grow: {series:?}");
}

/// Resident, and the process's own: what it has mapped of files is the system's cache.
fn memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("RssAnon:"));
    let figure = line.unwrap().trim().trim_end_matches(" kB");
    figure.parse().unwrap()
}

impl Said {
    fn parse(line: &str) -> Self {
        let figures: Vec<u64> = line.split(' ').map(|it| it.parse().unwrap()).collect();
        let [
            _,
            fired,
            swept,
            jobs_abandoned,
            doubted,
            rows_abandoned,
            heap,
        ] = figures[..]
        else {
            panic!("not what an hour says: {line}");
        };
        Self {
            fired,
            swept,
            jobs_abandoned,
            doubted,
            rows_abandoned,
            heap,
        }
    }
}

impl Tables<'_> {
    fn names(&self) -> impl Iterator<Item = String> {
        let (prefix, key) = match self {
            Self::Sqlite { .. } => ("leasehold_", "key"),
            Self::Postgres { .. } => ("leasehold.", "idempotency_key"),
        };
        let all = TABLES.into_iter().chain([key]);
        all.map(move |table| format!("{prefix}{table}"))
    }

    /// Those that a day must leave as they are: history goes by whole days on Postgres.
    fn removed_by_row(&self) -> Vec<&'static str> {
        let kept = |table: &&str| *table != "history" || matches!(self, Self::Sqlite { .. });
        TABLES.into_iter().chain(["key"]).filter(kept).collect()
    }

    fn number(&self, sql: &str) -> u64 {
        match self {
            Self::Sqlite { file } => {
                let connection = Connection::open(file).unwrap();
                let number: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
                number.unsigned_abs()
            }
            Self::Postgres { cluster } => cluster.sql("t0", sql).unwrap().trim().parse().unwrap(),
        }
    }

    fn rows(&self) -> BTreeMap<String, u64> {
        let count = |table: String| {
            let rows = self.number(&format!("SELECT count(*) FROM {table}"));
            let bare = table
                .trim_start_matches("leasehold")
                .trim_start_matches(['_', '.']);
            (bare.trim_start_matches("idempotency_").to_owned(), rows)
        };
        self.names().map(count).collect()
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Sqlite { file } => {
                let log = file.with_extension("db-wal");
                let sizes = [file, &log].map(|it| fs::metadata(it).unwrap().len());
                sizes.iter().sum()
            }
            Self::Postgres { cluster } => {
                let tables = self.names().filter(|table| table != "leasehold.history");
                let tables: Vec<_> = tables.collect();
                // An hour has sixty visits of autovacuum; one that passes in a second may have none, and what it
                // would have freed is then taken from the end of the file. After one visit it is what is in use, and
                // free room that the next hour needs.
                let vacuum = format!("VACUUM {}", tables.join(", "));
                cluster.sql("t0", &vacuum).unwrap();
                let sizes = tables.iter();
                let sizes: Vec<_> = sizes
                    .map(|table| format!("pg_total_relation_size('{table}')"))
                    .collect();
                self.number(&format!("SELECT {}", sizes.join(" + ")))
            }
        }
    }

    /// How much larger they may get. The audit trail is in the file. On Postgres it depends on the moment of the last
    /// vacuum how much of an hour's free room is at the end of each of twenty tables and indexes, some with a few
    /// pages only: up to a sixth of all was seen between one hour and the next, and 4 % between the largest.
    fn slack(&self) -> f64 {
        match self {
            Self::Sqlite { .. } => 0.1,
            Self::Postgres { .. } => 0.25,
        }
    }

    /// What is left is younger than it may become, and a day of history is gone as a whole.
    fn judge_last(&self, last: &Hour, length: Length) {
        let per_hour = u64::from(length.jobs_per_minute * length.minutes_per_hour);
        for table in ["key", "subject"] {
            assert!(last.rows[table] <= per_hour * 3, "{last:?}");
        }
        match self {
            Self::Sqlite { .. } => assert!(last.rows["history"] <= per_hour * 3, "{last:?}"),
            Self::Postgres { .. } => {
                let yesterday = "SELECT count(*) FROM leasehold.history
                    WHERE finished_at < to_timestamp(1800057600)";
                assert_eq!(self.number(yesterday), 0);
            }
        }
    }
}
