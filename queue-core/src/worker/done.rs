//! What a handler comes to when nothing went wrong.

use std::time::Duration;

use serde::Serialize;

use crate::{
    Completion, IntoJob, InvalidJob, InvalidPayload, JobState, NewNotification, Outcome, Payload,
    RunAt, Timestamp,
};

/// How a handler ends that did not fail: finished, with what follows from it, or not yet, or never.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{Context, Done, Job, JobError};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Render { page: u32 }
/// impl Job for Render { const KIND: &'static str = "render"; }
///
/// async fn render(job: Render, ctx: Context) -> Result<Done, JobError> {
///     match job.page {
///         0 => Ok(Done::cancel("there is no page 0")),
///         1..100 => Ok(Done::new().result(&job.page)?.then(Render { page: job.page + 1 })?),
///         _ => Ok(Done::snooze(Duration::from_secs(60))),
///     }
/// }
/// ```
///
/// A handler may also return `Result<(), …>`: that is [`Done::new`].
#[derive(Debug)]
#[must_use = "return it from the handler: that is what ends the job"]
pub struct Done(Ending);

#[derive(Debug)]
enum Ending {
    Finished(Completion),
    Snoozed(RunAt),
    Cancelled {
        reason: String,
    },
    /// In a transaction of the handler's.
    Committed(JobState),
}

/// What is left for the worker to do.
pub(crate) enum Rest {
    Settle(Outcome),
    Settled(JobState),
}

impl Done {
    /// The work is done.
    pub fn new() -> Self {
        Self(Ending::Finished(Completion::default()))
    }

    /// Call me again after this long; no attempt is consumed.
    pub fn snooze(delay: Duration) -> Self {
        Self(Ending::Snoozed(RunAt::In(delay)))
    }

    /// Call me again at a moment; no attempt is consumed.
    pub fn snooze_until(moment: impl Into<Timestamp>) -> Self {
        Self(Ending::Snoozed(RunAt::At(moment.into())))
    }

    /// The job is not wanted any more; it ends as cancelled.
    pub fn cancel(reason: impl Into<String>) -> Self {
        Self(Ending::Cancelled {
            reason: reason.into(),
        })
    }

    pub(crate) fn committed(state: JobState) -> Self {
        Self(Ending::Committed(state))
    }

    /// With what the job gave, as JSON.
    pub fn result<T: Serialize + ?Sized>(self, value: &T) -> Result<Self, InvalidPayload> {
        Ok(self.result_payload(Payload::json(value)?))
    }

    /// With what the job gave, as bytes.
    pub fn result_payload(self, result: Payload) -> Self {
        self.finished(|completion| completion.result = Some(result))
    }

    /// With a job that follows: stored with the end of this one, or not at all.
    pub fn then(self, job: impl IntoJob) -> Result<Self, InvalidJob> {
        let job = job.into_job()?;
        Ok(self.finished(|completion| completion.follow_ups.push(job)))
    }

    /// With a message to be sent: stored with the end of this job, or not at all. If it is
    /// [required](NewNotification::required), the job succeeds when it is sent.
    pub fn notify(self, notification: NewNotification) -> Self {
        self.finished(|completion| completion.notifications.push(notification))
    }

    /// What snoozes or cancels has nothing that follows.
    fn finished(mut self, add: impl FnOnce(&mut Completion)) -> Self {
        if let Ending::Finished(completion) = &mut self.0 {
            add(completion);
        }
        self
    }

    pub(crate) fn into_rest(self) -> Rest {
        Rest::Settle(match self.0 {
            Ending::Finished(completion) => Outcome::Done(completion),
            Ending::Snoozed(run_at) => Outcome::Snoozed(run_at),
            Ending::Cancelled { reason } => Outcome::GivenUp { reason },
            Ending::Committed(state) => return Rest::Settled(state),
        })
    }
}

impl Default for Done {
    fn default() -> Self {
        Self::new()
    }
}

impl From<()> for Done {
    fn from((): ()) -> Self {
        Self::new()
    }
}
