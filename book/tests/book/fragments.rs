//! What pages show in part, in full: each of these compiles, and those that need nobody else run.
//!
//! Laid out as the pages are, so that both read well.

use std::sync::Arc;
use std::time::Duration;

use fixtures::postgres::PostgresCluster;
use queue_core::channel::{Mail, SmtpChannel, SmtpTls, WebhookChannel};
use queue_core::{
    ChannelName, Context, Deliverer, Done, Intent, Job, JobError, NewNotification, Payload,
    Purpose, Queue, Recipient, Report, Revision, Store, Subject, Worker, shutdown_signal,
};
use queue_postgres::{PostgresOptions, PostgresStore};
use queue_sqlite::SqliteStore;
use rusqlite::TransactionBehavior;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection, PgPool};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

#[derive(Serialize, Deserialize)]
struct SendInvoice {
    order: i64,
}

impl Job for SendInvoice {
    const KIND: &'static str = "send_invoice";
}

#[rustfmt::skip]
async fn open_on_sqlite(path: &std::path::Path) -> Outcome<(SqliteStore, Queue)> {
    let store = SqliteStore::open(path).await?; // "app.db": makes the file and its schema, if it is not there
    let queue = Queue::new(store.clone());
    Ok((store, queue))
}

#[rustfmt::skip]
async fn open_on_postgres(url: &str) -> Outcome<(PostgresStore, Queue)> {
    let store = PostgresStore::connect(url).await?; // "postgres://app@db/app"
    let queue = Queue::new(store.clone()); // a pool: one for all of a process
    Ok((store, queue))
}

#[rustfmt::skip]
fn enqueue_with_rusqlite(connection: &mut rusqlite::Connection, store: &SqliteStore, queue: &Queue, order: i64) -> Outcome {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?; // rusqlite
    tx.execute("INSERT INTO orders (id) VALUES (?1)", [order])?;
    store.enqueue_in(&tx, &queue.enqueue(SendInvoice { order }).batch()?)?;
    tx.commit()?;
    Ok(())
}

#[rustfmt::skip]
async fn enqueue_with_sqlx(connection: &mut PgConnection, store: &PostgresStore, queue: &Queue, order: i64) -> Outcome {
    let mut tx = connection.begin().await?; // sqlx, with `use sqlx::Connection`
    sqlx::query("INSERT INTO orders (id) VALUES ($1)").bind(order).execute(&mut *tx).await?;
    store.enqueue_in(&mut tx, &queue.enqueue(SendInvoice { order }).batch()?).await?;
    tx.commit().await?;
    store.ring(); // workers look at once; without, at their next poll
    Ok(())
}

/// What the handler on Postgres works with.
struct Shop {
    pool: PgPool,
    store: PostgresStore,
}

#[rustfmt::skip]
async fn pay(job: SendInvoice, ctx: Context<Shop>) -> Result<Done, JobError> {
    let (pool, store, id) = (&ctx.state().pool, &ctx.state().store, job.order);
    let mut tx = pool.begin().await?;
    sqlx::query("UPDATE orders SET paid = true WHERE id = $1").bind(id).execute(&mut *tx).await?;
    let done = store.complete_in(&mut tx, &ctx, Done::new()).await?;
    tx.commit().await?;
    Ok(done)
}

#[tokio::test]
async fn an_order_and_its_job_are_stored_together_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("app.db");
    let (store, queue) = open_on_sqlite(&path).await.unwrap();
    let mut connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
        .unwrap();
    enqueue_with_rusqlite(&mut connection, &store, &queue, 42).unwrap();
    let again = enqueue_with_rusqlite(&mut connection, &store, &queue, 42);
    assert!(again.is_err(), "the order is there already");
    let waiting = "SELECT count(*) FROM leasehold_jobs WHERE state = 'queued'";
    let jobs: i64 = connection.query_row(waiting, [], |row| row.get(0)).unwrap();
    assert_eq!(jobs, 1, "and no second job is");
}

#[tokio::test]
async fn an_order_and_its_job_are_stored_and_end_together_on_postgres() {
    let url = PostgresCluster::shared().create_database();
    // As the pages say: nothing makes a schema unasked, and the error says who does.
    let refused = open_on_postgres(&url).await.unwrap_err();
    assert!(refused.to_string().contains("migrate"), "{refused}");
    PostgresOptions::new(&url).unwrap().migrate().await.unwrap();
    let pool = PgPool::connect(&url).await.unwrap();
    sqlx::query("CREATE TABLE orders (id bigint PRIMARY KEY, paid boolean NOT NULL DEFAULT false)")
        .execute(&pool)
        .await
        .unwrap();
    let (store, queue) = open_on_postgres(&url).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    enqueue_with_sqlx(&mut connection, &store, &queue, 42)
        .await
        .unwrap();
    assert!(
        enqueue_with_sqlx(&mut connection, &store, &queue, 42)
            .await
            .is_err()
    );
    drop(connection);
    let shop = Shop {
        pool: pool.clone(),
        store,
    };
    let worker = Worker::builder_with(queue, shop)
        .handle(pay)
        .build()
        .unwrap();
    assert_eq!(worker.drain().await.unwrap().succeeded, 1);
    let paid: bool = sqlx::query_scalar("SELECT paid FROM orders")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(paid);
}

fn intent() -> Outcome<Intent> {
    Ok(Intent {
        channel: ChannelName::new("email")?,
        purpose: Purpose::new("invoice")?,
        subject: Subject::new("order:42")?,
        recipient: Recipient::new("ada@example.org")?,
        revision: Revision::new(1),
    })
}

#[rustfmt::skip]
fn tell(intent: Intent, message: Payload) -> Result<Done, JobError> {
    Ok(Done::new().notify(NewNotification::new(intent, message).required()))   // in a handler
}

#[rustfmt::skip]
async fn deliver(store: Arc<dyn Store>) -> Outcome {
    let relay = SmtpChannel::builder("relay.example.org", 587)                  // beside the worker, or in a daemon
        .sender("queue@example.org")
        .tls(SmtpTls::StartTls)
        .credentials_from("queue", "credential:smtp-password".parse()?)
        .build()?;
    Deliverer::builder(store).channel("email", relay).run(shutdown_signal()).await?;
    Ok(())
}

#[rustfmt::skip]
fn mail_and_webhook(text: &str, html: &str) -> Outcome {
    let intent = intent()?;
    let relay = SmtpChannel::builder("relay.example.org", 587)
        .sender("bounces@example.org")                                  // the envelope's
        .tls(SmtpTls::StartTls)
        .credentials_from("queue", "credential:smtp-password".parse()?)
        .build()?;
    let webhook = WebhookChannel::builder().secret("file:/etc/app/whsec".parse()?).build()?;

    // In the handler: the whole mail, for this recipient, with a Message-ID made of the intent's key.
    let message = Mail::new("shop@example.org", "Your invoice").text(text).html(html).render(&intent)?;
    drop((relay, webhook, message));
    Ok(())
}

#[rustfmt::skip]
async fn deliver_by_configuration(path: &std::path::Path, store: Arc<dyn Store>) -> Outcome {
    let config = queue_ops::Config::read(Some(path))?;
    if let Some(deliverer) = config.delivery.deliverer(store)? {   // none without channels
        deliverer.run(shutdown_signal()).await?;
    }
    Ok(())
}

#[derive(Serialize, Deserialize)]
struct Summarize {
    url: String,
}

impl Job for Summarize {
    const KIND: &'static str = "summarize";
}

async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

async fn ask(text: &str) -> Result<String, JobError> {
    Ok(text.to_owned())
}

#[rustfmt::skip]
async fn summarize(job: Summarize, ctx: Context) -> Result<Done, JobError> {
    let text: String = ctx.stage("fetch", || fetch(&job.url)).await?;
    let summary: String = ctx.stage("ask", || ask(&text)).await?;
    Ok(Done::new().result(&summary)?)
}

struct App {}

async fn charge(_: SendInvoice, _: Context<App>) -> Result<(), JobError> {
    Ok(())
}

#[rustfmt::skip]
async fn work(queue: Queue) -> Outcome<Report> {
    let report = Worker::builder_with(queue, App { /* what handlers share: ctx.state() */ })
        .handle(charge)
        .concurrency(16)
        .run(shutdown_signal()) // ends at SIGTERM or Ctrl-C; any future will do
        .await?;
    Ok(report)
}

#[derive(Serialize, Deserialize)]
struct CloseTheDay;

impl Job for CloseTheDay {
    const KIND: &'static str = "close_the_day";
}

#[derive(Serialize, Deserialize)]
struct Look;

impl Job for Look {
    const KIND: &'static str = "look";
}

async fn close_the_day(_: CloseTheDay, _: Context) -> Result<(), JobError> {
    Ok(())
}

#[rustfmt::skip]
fn by_the_clock(queue: Queue) -> Outcome<Worker> {
    let builder =
    Worker::builder(queue)
        .handle(close_the_day)
        .cron("nightly", "0 3 * * *", "Europe/Berlin", CloseTheDay)
        .every("look", Duration::from_secs(60), Look)
    ;
    Ok(builder.build()?)
}

#[tokio::test]
async fn what_needs_nobody_else_runs() {
    let queue = queue_core::testing::TestQueue::new();
    queue
        .enqueue(Summarize {
            url: "u".to_owned(),
        })
        .await
        .unwrap();
    let worker = Worker::builder(queue.clone())
        .handle(summarize)
        .build()
        .unwrap();
    assert_eq!(worker.drain().await.unwrap().succeeded, 1);
    assert!(by_the_clock(queue.clone()).is_ok());
    let message = Payload::new("Dear Ada", "text/plain").unwrap();
    assert!(tell(intent().unwrap(), message).is_ok());
    // Credentials are read when a channel is built, and there are none here.
    assert!(mail_and_webhook("Dear Ada", "<p>Dear Ada").is_err());
    // What goes on until it is stopped is compiled only.
    let _ = (deliver, deliver_by_configuration, work);
}
