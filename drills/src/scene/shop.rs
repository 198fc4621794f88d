//! A service with a worker. Which release of it runs is where it was started from: beside it lies how it behaves.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use queue_core::{
    Context, Done, Job, JobError, JobId, Queue, RetryPolicy, Worker, shutdown_signal,
};
use queue_ops::Database;
use serde::{Deserialize, Serialize};

/// How long a lease of its jobs lasts: short, so that a drill need not wait for long.
pub(crate) const LEASE: Duration = Duration::from_secs(1);

/// What it works on.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) order: u64,
}

impl Job for Charge {
    const KIND: &'static str = "charge";
    const QUEUE: &'static str = super::QUEUE;
    const LEASE: Duration = LEASE;

    fn retry_policy() -> RetryPolicy {
        RetryPolicy {
            base: Duration::from_millis(10),
            cap: Duration::from_millis(50),
            ..RetryPolicy::default()
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(format!("order {}", self.order))
    }
}

/// What one handler does, by what is written beside the program.
async fn charge(job: Charge, context: Context<PathBuf>) -> Result<Done, JobError> {
    let behaviour = std::fs::read_to_string(context.state().join("behaviour"))?;
    let id: JobId = context.id();
    match behaviour.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["works"] => Ok(Done::new()),
        ["dies", class] => Err(JobError::permanent(class, format!("order {}", job.order))),
        ["hangs"] => {
            eprintln!("{id} waits for the bank");
            context.cancelled().await;
            Err(JobError::retryable(
                "BANK_SILENT",
                "the bank did not answer",
            ))
        }
        ["panics"] => {
            let charged: [u64; 0] = [];
            Ok(Done::new().result(&charged[usize::from(context.attempt())])?)
        }
        other => Err(JobError::permanent("CONFIG_INVALID", format!("{other:?}"))),
    }
}

/// The program.
pub(crate) fn run() -> ExitCode {
    // By the link that it was started through: a release that is put in its place is another one at the next start.
    let program = PathBuf::from(std::env::args_os().next().unwrap_or_default());
    let release = std::fs::canonicalize(program.parent().unwrap()).unwrap();
    let worked = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let url = match std::env::var("LEASEHOLD_DATABASE_URL_FILE") {
            Ok(file) => std::fs::read_to_string(file).unwrap().trim().to_owned(),
            Err(_) => std::env::var("LEASEHOLD_DATABASE_URL").unwrap(),
        };
        let opened = match Database::parse(&url).unwrap().open().await {
            Ok(opened) => opened,
            Err(error) => {
                eprintln!("{error}");
                return Err(queue_ops::Exit::of(&error));
            }
        };
        let worker = Worker::builder_with(Queue::shared(opened.store), release)
            .handle(charge)
            .concurrency(4)
            .most_ahead(0)
            // The daemon does that here: a drill is to see it.
            .sweep_every(None)
            .soft_stop(Duration::from_millis(500))
            .hard_stop(Duration::from_millis(200));
        match worker.run(shutdown_signal()).await {
            Ok(report) => eprintln!("{report:?}"),
            Err(error) => eprintln!("{error}"),
        }
        Ok(())
    });
    worked.map_or_else(ExitCode::from, |()| ExitCode::SUCCESS)
}
