//! Leasehold's store on Postgres: one queue for many machines, beside the data that its jobs are
//! about.
//!
//! ```
//! use queue_core::{EnqueueBatch, JobStore, KindName, NewJob, Payload, QueueName};
//! use queue_postgres::PostgresStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let cluster = fixtures::postgres::PostgresCluster::start();
//! # let url = cluster.create_database() + "&migrate=true";
//! // let url = "postgres://app@db.internal/app?migrate=true";
//! let store = PostgresStore::connect(&url).await?;
//! let job = NewJob::new(
//!     QueueName::new("mail")?,
//!     KindName::new("send_invoice")?,
//!     Payload::json(&42)?,
//! );
//! let enqueued = store.enqueue(EnqueueBatch::one(job)).await?;
//! assert!(enqueued[0].created().is_some());
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
//! # Leases that ran out
//!
//! A lease that ends without a result is not claimed again by itself: [`queue_core::sweep`] judges it
//! and puts the job back, or buries it. Call it now and then in any process, in as many as you like.
//!
//! # The schema
//!
//! Everything is in one schema, `leasehold` unless the URL says otherwise, and nothing is created
//! unasked: [`PostgresOptions::migrate`], or `migrate=true`, brings it up to date. A schema that is
//! newer than the program, edited, or somebody else's is refused, and so is a standby.
//!
//! Live jobs are in `job`, finished ones in `history` (a partition per day, made a week ahead when the
//! store is opened and by `maintain`, which also drops them), dead ones in `dead_letter`. For people
//! there are the views `leasehold.jobs`, `leasehold.queues`, `leasehold.dead_letters`,
//! `leasehold.notifications` and `leasehold.schedules`, and for triggers and other languages a function by the same rules:
//!
//! ```sql
//! SELECT job, outcome FROM leasehold.enqueue('mail', 'send_invoice', '{"order": 42}',
//!     priority => 2, run_at => now() + interval '1 hour', idempotency_key => 'invoice 42');
//! ```
//!
//! | parameter | default | |
//! |---|---|---|
//! | `queue`, `kind` `text` | | names: 1 to 128 of `a-z A-Z 0-9 _ - . : /` |
//! | `payload` `jsonb` | `null` | at most 262,144 bytes |
//! | `priority` `integer` | 0 | -3 (last) to 3 (first) |
//! | `run_at` `timestamptz` | now | not before |
//! | `idempotency_key` `text` | none | unique within the kind; 1 to 200 bytes |
//! | `key_retention` `interval` | 7 days | how long the key is remembered at least |
//! | `subject` `text`, `revision` `bigint` | none | what the job is about; both or none |
//! | `rerun` `boolean` | `false` | accepts a newer revision of a subject that succeeded before |
//! | `tenant` `text` | none | whose it is, for fair queues; a name |
//! | `ordering_key` `text` | none | jobs of one key run one at a time; 1 to 200 bytes |
//! | `max_attempts` `integer` | 5 | 1 to 32,767 |
//! | `headers` `jsonb` | none | an object of strings |
//! | `wake` `boolean` | `false` | tells idle workers at the commit; such commits queue up behind each other |
//! | `body` `bytea`, `content_type` `text` | none | a payload that is not JSON, instead of `payload` |
//! | `schema_version` `bigint` | 1 | of the payload |
//!
//! It runs in the caller's transaction. `outcome` is `created`, and `job` the new job, or nothing was
//! created and `job` is the one that answers:
//!
//! | outcome | |
//! |---|---|
//! | `duplicate` | the key is remembered: the job that it came with |
//! | `already_succeeded` | this revision of the subject succeeded: the job that did |
//! | `stale_revision` | a newer one did |
//! | `rerun_required` | an older one did; pass `rerun => true` to run again |
//!
//! Arguments that are not valid raise an error (`22023`, or `22004` for a NULL) that says what to write
//! instead, and the transaction is rolled back.
//!
//! # What grows
//!
//! What workers and services do looks at no more rows than it takes, however many there are, with two
//! exceptions, for which no index is kept because every insert would pay for it:
//!
//! - A claim for some kinds only walks over jobs of other kinds that stand before them. Where those
//!   can be many, give kinds that are worked on apart a queue each.
//! - A claim of a fair queue walks over tenants' jobs that stand before those without tenant. Where
//!   tenants' jobs can be many, give every job of the queue a tenant, and do not let them pile up:
//!   a million of them cost each claim most of a second.
//!
//! If for a week nobody opens the store or keeps house, finished jobs fall into the default partition
//! of `history`. They are seen and retained as others, and go in batches; while many are in it, making a
//! day's partition holds up whoever reads history for as long as the server looks through the default.
//!
//! # Behind PgBouncer
//!
//! The store keeps nothing in a session: locks and settings end with their transaction. In
//! transaction mode pass `prepared=false`; PgBouncer itself needs no setting. The whole conformance
//! suite and random histories run that way, through a PgBouncer that hands its connections to the
//! server out in turn (tested with 1.18 and 1.24).
//!
//! What is different then:
//!
//! - Every operation has a BEGIN and a COMMIT.
//! - Nobody listens for wake-ups, since LISTEN needs a session: workers poll. Where the server can be
//!   reached without the pooler, let each process keep one such connection while its workers wait:
//!   `listen=postgres%3A%2F%2Fapp%40db%2Fapp`, or [`PostgresOptions::listen_at`]. A pooler in that
//!   place is noticed, and workers poll.
//! - The caller's own transactions work as well. sqlx by itself sends a start parameter that PgBouncer
//!   refuses: connect with `PgConnectOptions::extra_float_digits(None)`, and run your own statements
//!   with `persistent(false)`, inside a transaction.
//!
//! With `prepared=true`, the default, it depends on PgBouncer. From 1.21 on, and with its
//! `max_prepared_statements` above 0, all of it works too (tested with 1.24), but locks are waited for
//! as long as it takes: give the role a `lock_timeout` and an `idle_in_transaction_session_timeout`.
//! Otherwise operations are refused with "no statement stays prepared on it", and not all of them: a
//! statement may meet another one of its name. Do not work like that.

mod bell;
mod copy;
mod facts;
mod fault;
mod floors;
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

/// The driver whose transactions [`PostgresStore::enqueue_in`] and its siblings take.
pub use sqlx;

pub use facts::{
    DayFacts, HorizonHolder, Listening, Pooler, PostgresFacts, PostgresPlace, PostgresPulse,
    ServerFacts, StandbyFacts, TableFacts, Unseen,
};
pub use options::PostgresOptions;
pub use store::PostgresStore;
