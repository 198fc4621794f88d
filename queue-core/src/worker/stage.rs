//! Stages as a handler writes them: run once, remembered from then on.

use std::time::Instant;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::backoff::Backoff;
use crate::payload::misread;
use crate::{
    Cancellation, Checkpointed, Code, Context, Jitter, JobError, Payload, StageName, StageOutput,
};

impl<S> Context<S> {
    /// Runs a named step, stores what it gives under the lease, and returns it. In a later attempt,
    /// or a replay, the stored output is returned and the step does not run again. Each stage has
    /// its own budget of attempts: a failure in one uses up nothing of another's.
    ///
    /// Once the handler is told to stop, no further stage begins: this returns an error then.
    ///
    /// ```
    /// use queue_core::{Context, Done, Job, JobError};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Serialize, Deserialize)]
    /// # struct Summarize { url: String }
    /// # impl Job for Summarize { const KIND: &'static str = "summarize"; }
    /// # async fn fetch(url: &str) -> Result<String, std::io::Error> { Ok(url.into()) }
    /// # async fn ask(text: &str) -> Result<String, JobError> { Ok(text.into()) }
    /// async fn summarize(job: Summarize, ctx: Context) -> Result<Done, JobError> {
    ///     let text: String = ctx.stage("fetch", || fetch(&job.url)).await?;
    ///     // If this fails, the next attempt begins here: what was fetched is stored.
    ///     let summary: String = ctx.stage("ask", || ask(&text)).await?;
    ///     Ok(Done::new().result(&summary)?)
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use queue_core::{Queue, Worker, memory::MemoryStore};
    /// # let queue = Queue::new(MemoryStore::default());
    /// # queue.enqueue(Summarize { url: "u".into() }).await?;
    /// # let report = Worker::builder(queue).handle(summarize).build()?.drain().await?;
    /// # assert_eq!(report.succeeded, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stage<T, E, F>(
        &self,
        name: impl AsRef<str>,
        work: impl FnOnce() -> F,
    ) -> Result<T, JobError>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, E>>,
        E: Into<JobError>,
    {
        let stage = StageName::new(name)?;
        if let Some(stored) = self.holding.output(&stage) {
            return stored.read().map_err(|error| {
                JobError::permanent(
                    Code::SchemaInvalid,
                    format_args!(
                        "the stored output of the stage is of another shape: {}",
                        misread(&error)
                    ),
                )
                .in_stage(stage)
            });
        }
        if let Some(why) = self.cancellation() {
            return Err(self.stopped(why).in_stage(stage));
        }
        self.holding.enter(&stage);
        let within = |error: JobError| error.in_stage(stage.clone());
        let output = work().await.map_err(|error| within(error.into()))?;
        let payload = Payload::json(&output).map_err(|error| within(error.into()))?;
        self.checkpoint(StageOutput {
            stage: stage.clone(),
            output: payload,
        })
        .await
        .map_err(within)?;
        Ok(output)
    }

    /// Tries until it is stored or the lease is over: a stage that cost an hour is not thrown away
    /// because the database was restarted.
    async fn checkpoint(&self, output: StageOutput) -> Result<(), JobError> {
        let store = self.queue().store();
        let mut trouble = Backoff::trouble();
        loop {
            match store.checkpoint(&self.lease(), output.clone()).await {
                Ok(Checkpointed::Stored { cancel_requested }) => {
                    if cancel_requested {
                        self.holding.cancel(Cancellation::Requested);
                    }
                    break;
                }
                // By the try before, whose answer was lost.
                Ok(Checkpointed::AlreadyStored) => break,
                Ok(Checkpointed::LeaseLost) => {
                    crate::telemetry::fence_rejected("checkpoint", 1);
                    self.holding.cancel(Cancellation::LeaseLost);
                    return Err(JobError::lease_lost());
                }
                Err(error) if error.is_transient() && self.holding.is_current(Instant::now()) => {
                    tokio::time::sleep(trouble.next(Jitter::random())).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.holding.finished(output);
        Ok(())
    }
}
