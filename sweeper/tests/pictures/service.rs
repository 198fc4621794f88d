//! A service at work: orders are charged, invoices are checked by a contract and announced by webhooks.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use queue_core::contract::{Contract, ReadContext};
use queue_core::{
    ChannelName, Context, DURATION_BUCKETS, Done, Job, JobError, Queue, RetryPolicy, Store,
    Subject, Worker,
};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

use crate::far_side::FarSide;

/// What is well and what is not.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) bank_is_down: AtomicBool,
    pub(crate) far_side: FarSide,
}

#[derive(Serialize, Deserialize)]
struct Charge {
    order: u64,
}

impl Job for Charge {
    const KIND: &'static str = "charge";
    const QUEUE: &'static str = "payments";
    const MAX_ATTEMPTS: u16 = 2;
    /// Soon over, where its worker dies.
    const LEASE: Duration = Duration::from_secs(8);

    fn retry_policy() -> RetryPolicy {
        RetryPolicy {
            cap: Duration::from_secs(2),
            ..RetryPolicy::default()
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Invoice {
    order: u64,
}

impl Job for Invoice {
    const KIND: &'static str = "send_invoice";
    const QUEUE: &'static str = "mail";
    const LEASE: Duration = Duration::from_secs(8);
}

/// What work takes, differently for each order.
async fn takes(order: u64, least: u64, more: u64) {
    tokio::time::sleep(Duration::from_millis(least + order * 7919 % more)).await;
}

async fn charge(job: Charge, ctx: Context<Arc<World>>) -> Result<Done, JobError> {
    takes(job.order, 20, 120).await;
    if ctx.state().bank_is_down.load(Ordering::Relaxed) {
        takes(job.order, 200, 600).await;
        return Err(JobError::retryable(
            "NETWORK_TIMEOUT",
            "the bank does not answer",
        ));
    }
    if job.order.is_multiple_of(97) {
        return Err(JobError::permanent("CARD_DECLINED", "no money"));
    }
    Ok(Done::new().then(Invoice { order: job.order })?)
}

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let text = include_str!("../../../fixtures/contracts/review-result.json");
    Contract::from_json(text).unwrap()
});

/// What comes from outside: mostly well, sometimes with white space around, now and then without what it has to have.
fn document(order: u64) -> &'static str {
    match order % 10 {
        0 => r#"{"schema_version": "1.0", "prompt_version": "1.0.0", "summary": "Fine."}"#,
        1..=3 => {
            r#"{"schema_version": "1.0", "prompt_version": "1.0.0", "findings": [], "summary": " Fine. "}"#
        }
        _ => {
            r#"{"schema_version": "1.0", "prompt_version": "1.0.0", "findings": [], "summary": "Fine."}"#
        }
    }
}

async fn invoice(job: Invoice, ctx: Context<Arc<World>>) -> Result<Done, JobError> {
    takes(job.order, 5, 40).await;
    drop(CONTRACT.read(document(job.order), &ReadContext::new()));
    let mut message = fixtures::bed::message(&ctx.state().far_side.url());
    message.intent.channel = ChannelName::new("shop")?;
    message.intent.subject = Subject::new(format!("order:{}", job.order))?;
    Ok(Done::new().notify(message))
}

/// A worker that can be killed, as a process is.
pub(crate) struct Service {
    queue: Queue,
    world: Arc<World>,
    worker: Option<JoinHandle<()>>,
    orders: JoinHandle<()>,
}

impl Service {
    /// It works, and so many orders come in a second.
    pub(crate) fn start(store: &Arc<dyn Store>, orders_a_second: u64) -> Self {
        let queue = Queue::shared(Arc::clone(store));
        let world = Arc::new(World {
            bank_is_down: AtomicBool::new(false),
            far_side: FarSide::start(),
        });
        let mut service = Self {
            orders: tokio::spawn(come_in(queue.clone(), orders_a_second)),
            queue,
            world,
            worker: None,
        };
        service.revive();
        service
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// It says nothing to anybody: its leases run out.
    pub(crate) fn kill(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.abort();
        }
    }

    pub(crate) fn revive(&mut self) {
        let worker = Worker::builder_with(self.queue.clone(), Arc::clone(&self.world))
            .handle(charge)
            .handle(invoice)
            .concurrency(8)
            .most_ahead(0)
            .sweep_every(None);
        self.worker = Some(tokio::spawn(async move {
            worker.run(std::future::pending()).await.unwrap();
        }));
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.orders.abort();
        self.kill();
    }
}

async fn come_in(queue: Queue, a_second: u64) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut pace = tokio::time::interval(Duration::from_micros(1_000_000 / a_second));
    loop {
        pace.tick().await;
        let order = NEXT.fetch_add(1, Ordering::Relaxed);
        queue.enqueue(Charge { order }).await.unwrap();
    }
}

/// What this process counts, served as any service does. Once in a process.
pub(crate) fn serve_metrics() -> SocketAddr {
    let builder = PrometheusBuilder::new()
        .set_buckets(DURATION_BUCKETS)
        .unwrap();
    let metrics = builder.install_recorder().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || serve(&listener, &metrics));
    address
}

fn serve(listener: &TcpListener, metrics: &PrometheusHandle) {
    for mut stream in listener.incoming().map_while(Result::ok) {
        let text = metrics.render();
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\nconnection: close";
        // Whoever asks has read its request's answer before it goes.
        let _ = stream.read(&mut [0; 4096]);
        let _ = write!(
            stream,
            "{head}\r\ncontent-length: {}\r\n\r\n{text}",
            text.len()
        );
    }
}
