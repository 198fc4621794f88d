//! Worker processes on one file, killed and stopped while they work.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fixtures::fleet::{Ledger, Site, Trial, member_if_asked, trial, vigils};
use fixtures::random_history::cases;
use futures::future::BoxFuture;
use queue_core::{Context, Done, JobError, Store};
use queue_sqlite::SqliteStore;
use rusqlite::{Connection, TransactionBehavior};

/// The service's own table, in the same file.
struct File {
    store: SqliteStore,
    path: PathBuf,
}

impl File {
    fn connect(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(Duration::from_secs(30))?;
        Ok(connection)
    }
}

#[async_trait]
impl Ledger for File {
    async fn complete(
        &self,
        context: &Context<Site>,
        effect: i64,
        done: Done,
    ) -> Result<Done, JobError> {
        tokio::task::block_in_place(|| {
            let mut connection = self.connect()?;
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            tx.execute("INSERT INTO effect VALUES (?1)", [effect])?;
            let done = self.store.complete_in(&tx, context, done)?;
            tx.commit()?;
            Ok(done)
        })
    }

    async fn effects(&self) -> Vec<i64> {
        let connection = self.connect().unwrap();
        let mut query = connection.prepare("SELECT number FROM effect").unwrap();
        let rows = query.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }
}

fn open(path: String) -> BoxFuture<'static, (Arc<dyn Store>, Arc<dyn Ledger>)> {
    Box::pin(async move {
        let path = PathBuf::from(path);
        let store = SqliteStore::open(&path).await.unwrap();
        let file = File {
            store: store.clone(),
            path,
        };
        let create = "CREATE TABLE IF NOT EXISTS effect (number INTEGER NOT NULL)";
        file.connect().unwrap().execute_batch(create).unwrap();
        (
            Arc::new(store) as Arc<dyn Store>,
            Arc::new(file) as Arc<dyn Ledger>,
        )
    })
}

/// The process that works; by itself it does nothing.
#[test]
fn member() {
    member_if_asked(open);
}

#[test]
fn every_job_ends_once_in_a_fleet_that_is_struck() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fleet.db");
    let kills = cases(30);
    let told = trial(
        path.to_str().unwrap(),
        open,
        Trial {
            members: 4,
            jobs: kills * 667,
            kills,
            stops: kills.div_ceil(3),
        },
    );
    println!("{}", told.unwrap());
}

#[test]
fn jobs_that_outlast_their_leases_keep_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fleet.db");
    let told = vigils(path.to_str().unwrap(), open, &[0; 4], cases(200));
    println!("{}", told.unwrap());
}
