//! A web service that takes orders. The order and the job that sends its invoice are stored in one
//! transaction, and the invoice and the end of its job in another: whatever dies in between, each order
//! gets one invoice.
//!
//! ```sh
//! DATABASE_URL=postgres://localhost/shop cargo run --example web
//! curl --json '{"customer": "ada", "cents": 4200}' http://127.0.0.1:3000/orders
//! ```

use anyhow::{Context as _, Result};
use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use queue_core::{Context, Done, Job, JobError, Queue, TraceContext, Worker, shutdown_signal};
use queue_postgres::PostgresStore;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::sync::watch;

#[derive(Serialize, Deserialize)]
struct SendInvoice {
    order: i64,
}

impl Job for SendInvoice {
    const KIND: &'static str = "send_invoice";
    const QUEUE: &'static str = "mail";
}

/// What web handlers and job handlers share.
#[derive(Clone)]
struct Shop {
    pool: PgPool,
    store: PostgresStore,
    queue: Queue,
}

#[derive(Deserialize)]
struct NewOrder {
    customer: String,
    cents: i64,
}

/// The order is there if and only if its job is.
async fn take_order(
    State(shop): State<Shop>,
    Json(new): Json<NewOrder>,
) -> Result<Response, Problem> {
    let mut tx = shop.pool.begin().await?;
    let sql = "INSERT INTO orders (customer, cents) VALUES ($1, $2) RETURNING id";
    let order: i64 = sqlx::query_scalar(sql)
        .bind(new.customer)
        .bind(new.cents)
        .fetch_one(&mut *tx)
        .await?;
    let job = shop.queue.enqueue(SendInvoice { order }).batch()?;
    shop.store.enqueue_in(&mut tx, &job).await?;
    tx.commit().await?;
    shop.store.ring(); // or the worker finds it at its next poll
    Ok((StatusCode::CREATED, order.to_string()).into_response())
}

/// The invoice is there if and only if its job has ended.
async fn send_invoice(job: SendInvoice, ctx: Context<Shop>) -> Result<Done, JobError> {
    let shop = ctx.state();
    let mut tx = shop.pool.begin().await?;
    sqlx::query("INSERT INTO invoices (order_id) VALUES ($1)")
        .bind(job.order)
        .execute(&mut *tx)
        .await?;
    let done = shop.store.complete_in(&mut tx, &ctx, Done::new()).await?;
    tx.commit().await?;
    Ok(done)
}

/// Serves until it is told to stop; requests and jobs that have begun are finished.
pub(crate) async fn serve(
    url: &str,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let pool = PgPool::connect(url).await.context("connecting")?;
    // A real service has migrations of its own.
    for sql in [
        "CREATE TABLE IF NOT EXISTS orders
           (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer text, cents bigint)",
        "CREATE TABLE IF NOT EXISTS invoices (order_id bigint PRIMARY KEY REFERENCES orders)",
    ] {
        sqlx::query(sql).execute(&pool).await?;
    }
    let store = PostgresStore::connect(url).await?;
    let queue = Queue::new(store.clone()).with(TraceContext);
    let shop = Shop { pool, store, queue };

    let (stopping, stopped) = watch::channel(false);
    let until_stopped = |mut stopped: watch::Receiver<bool>| async move {
        drop(stopped.wait_for(|stop| *stop).await);
    };
    let (to_web, to_worker) = (until_stopped(stopped.clone()), until_stopped(stopped));
    let worker = Worker::builder_with(shop.queue.clone(), shop.clone())
        .handle(send_invoice)
        .build()?;
    let working = tokio::spawn(async move { worker.run(to_worker).await });
    tokio::spawn(async move {
        stop.await;
        // Nobody listens any more only if both have ended.
        let _ = stopping.send(true);
    });
    let routes = axum::Router::new()
        .route("/orders", post(take_order))
        .with_state(shop);
    axum::serve(listener, routes)
        .with_graceful_shutdown(to_web)
        .await?;
    working.await??;
    Ok(())
}

/// What went wrong is for the log, not for the customer.
struct Problem(anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        eprintln!("an order was not taken: {:#}", self.0);
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("DATABASE_URL").context("set DATABASE_URL to postgres://…")?;
    let url = format!(
        "{url}{}migrate=true",
        if url.contains('?') { '&' } else { '?' }
    );
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("taking orders at http://{}/orders", listener.local_addr()?);
    serve(&url, listener, shutdown_signal()).await
}
