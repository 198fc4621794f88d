//! Why a handler failed, and whether another attempt can help.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::{
    Cause, EnqueueError, ErrorClass, Failure, InvalidHeader, InvalidJob, InvalidName,
    InvalidPayload, InvalidReport, ReasonCode, StageName, StoreError, contract::Rejection,
};

/// A failed attempt. `?` makes one of any error: retryable and unclassified, unless it is one whose
/// meaning is known here.
///
/// | error | class | retried |
/// |---|---|---|
/// | a [`StoreError`] that is transient | `STORE_BUSY`, `STORE_UNAVAILABLE` | yes |
/// | another [`StoreError`] | `STORE_…` with its [`code`](StoreError::code) | no |
/// | a name, payload, header or job that is not valid, or that a middleware refused | `SCHEMA_INVALID` | no |
/// | [`std::io::Error`] of a connection | `NETWORK_TIMEOUT`, `NETWORK_UNREACHABLE` | yes |
/// | any other | `UNCLASSIFIED` | yes |
///
/// ```
/// use std::time::Duration;
/// use queue_core::JobError;
/// async fn charge(card: &str) -> Result<(), JobError> {
///     let _cents: u32 = card.parse()?; // any error: another attempt may help
///     if card.is_empty() {
///         return Err(JobError::permanent("CARD_MISSING", "the customer has no card"));
///     }
///     Err(JobError::retryable("PROVIDER_BUSY", "429").retry_after(Duration::from_secs(20)))
/// }
/// ```
// It is not an `Error` itself, so that it can be made from every one that is.
pub struct JobError {
    failure: Failure,
    lease_lost: bool,
}

impl JobError {
    /// Another attempt can help. The class is 1 to 64 characters of A-Z, 0-9 and _.
    pub fn retryable(class: impl AsRef<str>, message: impl fmt::Display) -> Self {
        Self::classed(class.as_ref(), message, |class, text| {
            Failure::retryable(class, text)
        })
    }

    /// No other attempt will help. The class is 1 to 64 characters of A-Z, 0-9 and _.
    pub fn permanent(class: impl AsRef<str>, message: impl fmt::Display) -> Self {
        Self::classed(class.as_ref(), message, |class, text| {
            Failure::permanent(class, text)
        })
    }

    /// A class that is not one must not hide what went wrong: the failure is unclassified then, and
    /// its text says both.
    fn classed(
        class: &str,
        message: impl fmt::Display,
        failure: fn(ErrorClass, String) -> Failure,
    ) -> Self {
        let failure = match ErrorClass::new(class) {
            Ok(class) => failure(class, message.to_string()),
            Err(invalid) => failure(ErrorClass::unclassified(), format!("{message} ({invalid})")),
        };
        failure.into()
    }

    pub(crate) fn lease_lost() -> Self {
        Self {
            failure: Failure::retryable(
                ErrorClass::lease_expired(),
                "the lease was lost while the job ran: what the attempt comes to is refused",
            ),
            lease_lost: true,
        }
    }

    /// Not before this long: what the other side asked for. Bounded by the retry policy.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.failure = self.failure.retry_after(wait);
        self
    }

    /// A contract refused what it should have kept.
    pub(crate) fn refused_by(mut self, rejection: &Rejection) -> Self {
        self.failure = self.failure.because(reason_of(rejection));
        self
    }

    /// In which stage it happened, unless that is known already.
    #[must_use]
    pub fn in_stage(mut self, stage: StageName) -> Self {
        self.failure.stage.get_or_insert(stage);
        self
    }

    /// What will be stored of it.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// Whether it only says that the job is not this worker's any more.
    #[must_use]
    pub fn is_lease_lost(&self) -> bool {
        self.lease_lost
    }

    pub(crate) fn into_failure(self) -> Failure {
        self.failure
    }
}

impl From<Failure> for JobError {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            lease_lost: false,
        }
    }
}

impl<E: Into<Cause>> From<E> for JobError {
    fn from(error: E) -> Self {
        let error: Cause = error.into();
        let (class, retry) = classify(&*error);
        let message = chain(&*error);
        let mut failure = if retry {
            Failure::retryable(class, message)
        } else {
            Failure::permanent(class, message)
        };
        failure.reason = rejection(&*error).map(reason_of);
        failure.into()
    }
}

/// What a contract said, wherever in the chain it is.
fn rejection<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Rejection> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(InvalidJob::Contract { rejection, .. }) = error.downcast_ref() {
            return Some(rejection);
        }
        if let Some(EnqueueError::Invalid(InvalidJob::Contract { rejection, .. })) =
            error.downcast_ref()
        {
            return Some(rejection);
        }
        next = error.source();
    }
    None
}

/// The code of the first problem: that of the whole only says that there are some.
fn reason_of(rejection: &Rejection) -> ReasonCode {
    let first = rejection.problems().next();
    ReasonCode::of(first.map_or_else(|| rejection.code(), |problem| problem.code))
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.failure.class, self.failure.message)
    }
}

impl fmt::Debug for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.failure, f)
    }
}

/// The errors whose meaning is known, wherever in the chain they are.
fn classify(error: &(dyn Error + 'static)) -> (ErrorClass, bool) {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<StoreError>() {
            return (ErrorClass::of(error.catalogued()), error.is_transient());
        }
        if let Some(error) = error.downcast_ref::<EnqueueError>() {
            match error {
                EnqueueError::Store(error) => return classify(error),
                EnqueueError::Invalid(_) | EnqueueError::Refused(_) => {
                    return (ErrorClass::schema_invalid(), false);
                }
            }
        }
        if is_rendering(error)
            || error.is::<InvalidName>()
            || error.is::<InvalidPayload>()
            || error.is::<InvalidHeader>()
            || error.is::<InvalidJob>()
            || error.is::<InvalidReport>()
        {
            return (ErrorClass::schema_invalid(), false);
        }
        if let Some(class) = error
            .downcast_ref::<std::io::Error>()
            .and_then(|error| network(error.kind()))
        {
            return (class, true);
        }
        next = error.source();
    }
    (ErrorClass::unclassified(), true)
}

/// A message that cannot be rendered cannot be rendered the next time either.
fn is_rendering(error: &(dyn Error + 'static)) -> bool {
    #[cfg(feature = "smtp")]
    if error.is::<crate::channel::InvalidMail>() {
        return true;
    }
    #[cfg(feature = "template")]
    if error.is::<crate::TemplateError>() {
        return true;
    }
    let _ = error;
    false
}

fn network(kind: std::io::ErrorKind) -> Option<ErrorClass> {
    use std::io::ErrorKind as Kind;
    match kind {
        Kind::TimedOut => Some(ErrorClass::network_timeout()),
        Kind::ConnectionRefused
        | Kind::ConnectionReset
        | Kind::ConnectionAborted
        | Kind::HostUnreachable
        | Kind::NetworkUnreachable
        | Kind::NotConnected
        | Kind::BrokenPipe => Some(ErrorClass::network_unreachable()),
        _ => None,
    }
}

/// An error and its causes, as one line; a cause whose words its wrapper has repeated is left out.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(error: impl Into<JobError>) -> Failure {
        error.into().into_failure()
    }

    #[test]
    fn any_error_is_retryable_and_unclassified() {
        let failure = of("x".parse::<u32>().unwrap_err());
        assert_eq!(failure.class, ErrorClass::unclassified());
        assert!(failure.is_retryable());
        assert!(of("only a text").is_retryable());
        assert!(
            of(anyhow::anyhow!("lost").context("outer"))
                .message
                .contains("outer: lost")
        );
    }

    #[test]
    fn ours_are_classified_wherever_they_are_in_the_chain() {
        let busy = StoreError::Busy {
            operation: "claim",
            waited: Duration::from_secs(1),
            cause: None,
        };
        let failure = of(anyhow::Error::from(busy).context("while charging"));
        assert_eq!(failure.class.as_str(), "STORE_BUSY");
        assert!(failure.is_retryable());
        assert!(!of(StoreError::Closed { operation: "x" }).is_retryable());
        assert!(!of(crate::QueueName::new("").unwrap_err()).is_retryable());
        let timeout = std::io::Error::from(std::io::ErrorKind::TimedOut);
        assert_eq!(of(timeout).class, ErrorClass::network_timeout());
    }

    #[test]
    fn a_class_that_is_none_hides_nothing() {
        let failure = JobError::permanent("card declined", "no money").into_failure();
        assert_eq!(failure.class, ErrorClass::unclassified());
        assert!(!failure.is_retryable());
        assert!(
            failure
                .message
                .starts_with("no money (`card declined` is not a valid error class")
        );
    }
}
