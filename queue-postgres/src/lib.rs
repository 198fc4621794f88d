//! Leasehold's store on Postgres: one queue for many machines, beside the data that its jobs are
//! about.
//!
//! ```no_run
//! use queue_core::{EnqueueBatch, JobStore, KindName, NewJob, Payload, QueueName};
//! use queue_postgres::PostgresStore;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let store = PostgresStore::connect("postgres://app@db.internal/app?migrate=true").await?;
//! let job = NewJob::new(
//!     QueueName::new("mail")?,
//!     KindName::new("send_invoice")?,
//!     Payload::json(&42)?,
//! );
//! store.enqueue(EnqueueBatch::one(job)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # In the caller's own transaction
//!
//! [`PostgresStore::enqueue_in`], [`PostgresStore::settle_in`] and [`PostgresStore::publish_in`] take
//! the caller's transaction: what a handler writes and what becomes of its job commit together. They
//! are the only part of the interface that shows a type of the driver, sqlx 0.9.
//!
//! # The schema
//!
//! Everything is in one schema, `leasehold` unless the URL says otherwise, and nothing is created
//! unasked: [`PostgresOptions::migrate`], or `migrate=true`, brings it up to date. A schema that is
//! newer than the program, edited, or somebody else's is refused, and so is a standby.
//!
//! Live jobs are in `job`, finished ones in `history` (a partition per day, made a week ahead when the
//! store is opened and by `maintain`, which also drops them), dead ones in `dead_letter`. For people
//! there are the views `leasehold.jobs`, `leasehold.queues`, `leasehold.dead_letters` and
//! `leasehold.notifications`, and for triggers and other languages a function by the same rules:
//!
//! ```sql
//! SELECT job, outcome FROM leasehold.enqueue('mail', 'send_invoice', '{"order": 42}',
//!     priority => 2, run_at => now() + interval '1 hour', idempotency_key => 'invoice 42');
//! ```
//!
//! # What grows
//!
//! Every operation looks at as many rows as it takes, however many there are, with two exceptions,
//! for which no index is kept because every insert would pay for it:
//!
//! - A claim for some kinds only walks over jobs of other kinds that stand before them. Where those
//!   can be many, give kinds that are worked on apart a queue each.
//! - A claim of a fair queue walks over tenants' jobs that stand before those without tenant. Where
//!   tenants' jobs can be many, give every job of the queue a tenant, and do not let them pile up:
//!   a million of them cost each claim most of a second.
//!
//! # Behind PgBouncer
//!
//! The store keeps nothing in a session: locks and settings end with their transaction. In
//! transaction mode pass `prepared=false`. Then every operation has a BEGIN and a COMMIT, and nobody
//! listens for wake-ups: workers poll.

mod bell;
mod fault;
mod intake;
mod micros;
mod migrations;
mod ops;
mod options;
mod pool;
mod row;
mod session;
mod sql;
mod store;

pub use options::PostgresOptions;
pub use store::PostgresStore;
