//! Why a handler is told to stop.

use crate::Code;

/// Why a handler is told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cancellation {
    /// The lease ran out or was taken: another worker may have the job, and whatever this attempt
    /// comes to is refused.
    LeaseLost,
    /// Somebody cancelled the job: it ends as cancelled, whatever this attempt comes to.
    Requested,
    /// The handler has run for longer than its kind allows. What it still comes to within the grace
    /// counts; a failure is one of the deadline.
    DeadlineExceeded,
    /// The worker stops. What the handler still comes to counts; if it fails now, the job goes back
    /// and no attempt is consumed.
    Shutdown,
}

impl Cancellation {
    /// A stable reason code.
    ///
    /// ```
    /// use queue_core::Cancellation;
    /// assert_eq!(Cancellation::Shutdown.code(), "shutdown");
    /// ```
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::LeaseLost => Code::LeaseLost.as_str(),
            Self::Requested => Code::CancelRequested.as_str(),
            Self::DeadlineExceeded => Code::DeadlinePassed.as_str(),
            Self::Shutdown => Code::Shutdown.as_str(),
        }
    }
}
