//! Leasehold's embedded backend: a durable work queue in one SQLite file, with no server.
//!
//! ```
//! use queue_core::{
//!     ClaimRequest, Completion, EnqueueBatch, JobStore, KindName, NewJob, Page, Payload, QueueName,
//!     SettleBatch, Transition, WorkerName, sweep,
//! };
//! use queue_sqlite::SqliteStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("app.db");
//! let store = SqliteStore::open(path).await?;
//! let mail = QueueName::new("mail")?;
//! let job = NewJob::new(mail.clone(), KindName::new("send_invoice")?, Payload::json(&42)?);
//! store.enqueue(EnqueueBatch::one(job)).await?;
//!
//! // Until a worker does it: jobs of workers that died come back when their leases are swept.
//! sweep(&store, Page::first(100)?).await?;
//! let request = ClaimRequest::new(WorkerName::new("worker-1")?, vec![mail], 10)?;
//! for job in store.claim(request).await? {
//!     assert_eq!(job.payload.read::<u32>()?, 42);
//!     let done = Transition::Finish(Completion::default());
//!     store.settle(SettleBatch::one(job.lease, done)?).await?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # How it works
//!
//! One thread, `leasehold-sqlite-writer`, owns the only read-write connection. It takes whatever
//! requests are queued, carries them out in one transaction, commits, and answers them all: the more
//! callers there are at a time, the more of them share a commit. Callers who come back as soon as they
//! are answered are expected for 50 microseconds, so that they go together again; who comes alone never waits.
//! Reads run beside it on connections of their own. Nothing blocks the caller's async runtime, and
//! no particular one is needed.
//!
//! With `synchronous=FULL` (the default) an answer means that the job is on the disk;
//! [`Synchronous::Normal`] is faster and says what it gives up.
//!
//! Many processes may open one file. A file on a network is refused, since SQLite's locks do not hold
//! there: use Postgres for a queue that many machines share.
//!
//! # Time
//!
//! There is one for all processes: the host's clock, but never behind the latest time that the
//! database has seen, so that a clock that is put back turns nothing back. A host whose clock was
//! *ahead* once leaves its mark: time goes on from there, opening the file warns of it, and delays
//! count from it. To go back, stop all processes and lower `clock` in `leasehold_meta` (microseconds
//! since 1970); leases and schedules given meanwhile then end that much later.
//!
//! # Beside other crates
//!
//! A program links SQLite once, so all crates in it must agree on `libsqlite3-sys`. This one takes
//! rusqlite 0.39 to 0.41 (0.39 beside a sqlx with its default features, which knows SQLite too), and
//! re-exports the one it got as [`rusqlite`].
//!
//! # In the caller's own transaction
//!
//! [`SqliteStore::enqueue_in`], [`SqliteStore::settle_in`] and [`SqliteStore::publish_in`] do their
//! work in a transaction of the caller's on the same file, so that a service's own tables and the
//! queue change together or not at all. Begin it as `Immediate`: a transaction that reads first and
//! writes later is refused if another wrote in between.
//!
//! # From other languages
//!
//! `INSERT INTO leasehold_enqueue (queue, kind, payload) VALUES ('mail', 'send_invoice', '42')`
//! enqueues by the rules of the library, in whatever transaction it stands in. Further columns are
//! `priority`, `run_at` (UTC as text, or microseconds since 1970), `idempotency_key`, `key_retention`
//! (seconds), `subject`, `revision`, `rerun`, `tenant`, `ordering_key`, `max_attempts`, `headers` (a
//! JSON object of strings), `content_type` and `schema_version`.
//!
//! - A row whose idempotency key is remembered, or whose revision of its subject succeeded already,
//!   is skipped: the statement succeeds and `next_job` in `leasehold_meta` has not grown. The job
//!   that answers for a key is in `leasehold_key`.
//! - A revision that is stale or needs `rerun`, and a value that is not valid, fail the statement
//!   with a message that says what to write.
//!
//! The views `leasehold_jobs`, `leasehold_queues`, `leasehold_dead_letters`,
//! `leasehold_notifications` and `leasehold_schedules` show everything with names and times that people can read. Tables whose
//! names begin with `leasehold_` are the library's own and change between versions.
//!
//! Whoever writes to the file needs SQLite 3.51.3 or newer: older versions can damage it when the
//! write-ahead log is reset.

mod anchor;
mod backup;
mod clock;
mod connection;
mod crowd;
mod facts;
mod fault;
mod handout;
mod migrations;
mod neighbours;
mod ops;
mod options;
mod place;
mod ports;
mod reader;
mod request;
mod row;
mod session;
mod shared;
mod sql;
mod store;
mod transaction;
mod url;
mod watcher;
mod writer;

/// The driver whose transactions [`SqliteStore::enqueue_in`] and its siblings take.
pub use rusqlite;

pub use backup::{BackupError, BackupProgress};
pub use facts::{ContentFacts, PlaceFacts, SqliteFacts, SqlitePulse};
pub use options::{SqliteOptions, Synchronous};
pub use store::SqliteStore;
