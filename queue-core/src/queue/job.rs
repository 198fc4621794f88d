//! Jobs as types: what a service declares once and enqueues as values.

use std::convert::Infallible;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::contracts::by_contract;
use crate::contract::{Contract, Rejection};
use crate::{
    Code, DEFAULT_LEASE, DEFAULT_MAX_ATTEMPTS, Headers, IdempotencyKey, InvalidBatch,
    InvalidHeader, InvalidName, InvalidPayload, KindName, NewJob, Payload, QueueName, RetryPolicy,
};

/// The queue of jobs whose type names none.
pub const DEFAULT_QUEUE: &str = "default";

/// A type whose values are jobs: its JSON is the payload, its kind finds the handler.
///
/// ```
/// use queue_core::Job;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct SendInvoice { order: u64 }
///
/// impl Job for SendInvoice {
///     const KIND: &'static str = "send_invoice";
///     const QUEUE: &'static str = "mail";
///
///     fn unique_key(&self) -> Option<String> {
///         Some(format!("invoice of order {}", self.order))
///     }
/// }
///
/// let job = SendInvoice { order: 42 }.to_new().unwrap();
/// assert_eq!(job.queue.as_str(), "mail");
/// assert_eq!(job.payload.bytes().as_ref(), br#"{"order":42}"#);
/// ```
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// What the payload means. Stored with every job: renaming it orphans those that wait.
    const KIND: &'static str;
    /// Where its jobs wait unless the enqueuer says otherwise.
    const QUEUE: &'static str = DEFAULT_QUEUE;
    /// Attempts per stage, the first one included.
    const MAX_ATTEMPTS: u16 = DEFAULT_MAX_ATTEMPTS;
    /// The version of the payload's shape, stored with it.
    const SCHEMA_VERSION: u32 = 1;
    /// For how long a worker that died keeps a job from the others. A worker that lives renews at a
    /// third of it, so that a job may run for longer.
    const LEASE: Duration = DEFAULT_LEASE;
    /// After how long the handler is cancelled; `None` lets it run.
    const TIMEOUT: Option<Duration> = None;

    /// How long to wait before another attempt.
    #[must_use]
    fn retry_policy() -> RetryPolicy {
        RetryPolicy::default()
    }

    /// What must hold of a value beyond its shape. It is asked before a job is stored, which is refused
    /// then, and before the handler runs, since others may have stored it: such a job is a dead letter.
    ///
    /// ```
    /// use queue_core::Job;
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Serialize, Deserialize)]
    /// struct Transfer { cents: i64 }
    ///
    /// impl Job for Transfer {
    ///     const KIND: &'static str = "transfer";
    ///
    ///     fn check(&self) -> Result<(), String> {
    ///         if self.cents > 0 { Ok(()) } else { Err("cents must be more than 0".to_owned()) }
    ///     }
    /// }
    ///
    /// let error = Transfer { cents: -5 }.to_new().unwrap_err();
    /// assert_eq!(error.to_string(), "the job of kind `transfer` is not valid: cents must be more than 0");
    /// ```
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    /// What the payload must be as JSON, if others than this type write it too, or read it: it is put
    /// right and checked by the contract before a job is stored, which is refused then with its
    /// diagnostics, and before the handler runs. It must not want a context, which a payload has none of.
    ///
    /// ```
    /// use std::sync::LazyLock;
    /// use queue_core::contract::{Contract, Field, Object, Text};
    /// use queue_core::Job;
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Serialize, Deserialize)]
    /// struct Greet { name: String }
    ///
    /// static GREET: LazyLock<Contract> = LazyLock::new(|| {
    ///     let root = Object::of([Field::required("name", Text::new().trimmed().not_empty())]);
    ///     Contract::of("greet", root).build().expect("it does not contradict itself")
    /// });
    ///
    /// impl Job for Greet {
    ///     const KIND: &'static str = "greet";
    ///
    ///     fn contract() -> Option<&'static Contract> {
    ///         Some(&GREET)
    ///     }
    /// }
    ///
    /// let job = Greet { name: " Ada ".to_owned() }.to_new().unwrap();
    /// assert_eq!(job.payload.bytes().as_ref(), br#"{"name":"Ada"}"#);
    /// let error = Greet { name: " ".to_owned() }.to_new().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the job of kind `greet` is not valid: the document is not a valid `greet`: \
    ///      /name: missing_required_field (blank)"
    /// );
    /// ```
    #[must_use]
    fn contract() -> Option<&'static Contract> {
        None
    }

    /// What the result must be as JSON. A handler whose result is not has failed for good, with
    /// `OUTCOME_REFUSED`.
    #[must_use]
    fn result_contract() -> Option<&'static Contract> {
        None
    }

    /// What makes two values the same intent: while the key is remembered, a second job with it is
    /// answered with the first one.
    fn unique_key(&self) -> Option<String> {
        None
    }

    /// The job to be stored, with what the type says of it.
    fn to_new(&self) -> Result<NewJob, InvalidJob> {
        self.check().map_err(|problem| InvalidJob::Content {
            kind: Self::KIND.to_owned(),
            problem,
        })?;
        let kind = KindName::new(Self::KIND)?;
        let mut payload = Payload::json(self)?.version(Self::SCHEMA_VERSION);
        if let Some(contract) = Self::contract() {
            payload = by_contract(contract, &kind, &payload, &Headers::new())?;
        }
        let job = NewJob::new(QueueName::new(Self::QUEUE)?, kind, payload)
            .max_attempts(Self::MAX_ATTEMPTS);
        Ok(match self.unique_key() {
            Some(key) => job.idempotent(IdempotencyKey::new(key)?),
            None => job,
        })
    }
}

/// What can be enqueued: a value of a [`Job`] type, or a [`NewJob`] put together by hand.
pub trait IntoJob {
    /// The job to be stored.
    fn into_job(self) -> Result<NewJob, InvalidJob>;
}

impl<T: Job> IntoJob for T {
    fn into_job(self) -> Result<NewJob, InvalidJob> {
        self.to_new()
    }
}

impl IntoJob for NewJob {
    fn into_job(self) -> Result<NewJob, InvalidJob> {
        Ok(self)
    }
}

/// Why a job cannot be stored by anyone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidJob {
    /// A queue, kind, key or other name.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// The payload.
    #[error(transparent)]
    Payload(#[from] InvalidPayload),
    /// A header.
    #[error(transparent)]
    Header(#[from] InvalidHeader),
    /// What it says of itself does not hold.
    #[error("the job of kind `{kind}` is not valid: {problem}")]
    Content {
        /// Its kind.
        kind: String,
        /// What does not hold, in the words of [`Job::check`].
        problem: String,
    },
    /// Its payload does not keep the contract of its kind.
    #[error("the job of kind `{kind}` is not valid: {rejection}")]
    Contract {
        /// Its kind.
        kind: String,
        /// Every problem, and [what to answer](Rejection::problem) over HTTP.
        #[source]
        rejection: Rejection,
    },
    /// Too many at once, or none.
    #[error(transparent)]
    Batch(#[from] InvalidBatch),
}

impl InvalidJob {
    /// A stable reason code: what of it is not valid.
    ///
    /// ```
    /// use queue_core::{InvalidJob, QueueName};
    /// let error: InvalidJob = QueueName::new("").unwrap_err().into();
    /// assert_eq!(error.code(), "invalid_name");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name(_) => Code::InvalidName.as_str(),
            Self::Payload(_) => Code::InvalidPayload.as_str(),
            Self::Header(_) => Code::InvalidHeader.as_str(),
            Self::Content { .. } => Code::InvalidContent.as_str(),
            Self::Contract { rejection, .. } => rejection.code().as_str(),
            Self::Batch(_) => Code::InvalidBatch.as_str(),
        }
    }
}

/// So that a name which is one already can stand where a text can.
impl From<Infallible> for InvalidJob {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
