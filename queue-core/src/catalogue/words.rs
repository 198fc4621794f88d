//! What stages, repetitions and people are called, on the page of codes and at a prompt.

use super::{Responsible, Retry, Stage};

impl Stage {
    /// A heading over its codes.
    ///
    /// ```
    /// use queue_core::catalogue::Stage;
    /// assert_eq!(Stage::Store.title(), "Stores");
    /// ```
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Contract => "Documents and their contracts",
            Self::Enqueue => "Jobs on their way in",
            Self::Schedule => "Schedules",
            Self::Worker => "Jobs while they run",
            Self::Delivery => "Notifications",
            Self::Store => "Stores",
            Self::Operator => "Operators",
            Self::Doctor => "What `leasehold doctor` finds",
        }
    }

    /// What its codes tell of.
    ///
    /// ```
    /// use queue_core::catalogue::Stage;
    /// assert_eq!(Stage::Delivery.about(), "What became of a notification.");
    /// ```
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Contract => "What is wrong with a document that a contract reads, or was mended.",
            Self::Enqueue => "What became of a job that was enqueued, or why it was not.",
            Self::Schedule => "Why a schedule is not one, and what became of a firing.",
            Self::Worker => {
                "In upper case: the classes of failures, as they are in dead letters. In lower case: what \
                 became of a lease, why a handler is told to stop, and how attempts are counted."
            }
            Self::Delivery => "What became of a notification.",
            Self::Store => {
                "What became of a write, why a batch is none, and, in upper case, why a store could not do \
                 what it was asked: the class of a job that fails with that error. `StoreError::code` gives \
                 it in lower case and without `STORE_`."
            }
            Self::Operator => "What became of an operator's wish.",
            Self::Doctor => "What is to be known of a database before one relies on it.",
        }
    }
}

impl Retry {
    /// When a repetition helps, in words.
    ///
    /// ```
    /// use queue_core::catalogue::Retry;
    /// assert_eq!(Retry::Same.described(), "the same again may succeed later");
    /// ```
    #[must_use]
    pub const fn described(self) -> &'static str {
        match self {
            Self::Never => "never; nothing failed that a repetition would mend",
            Self::Same => "the same again may succeed later",
            Self::AfterFix => "after the cause is mended; the same again fails the same way",
            Self::AfterReconcile => "after it is known whether the attempt before took effect",
        }
    }
}

impl Responsible {
    /// Who it is, in words.
    ///
    /// ```
    /// use queue_core::catalogue::Responsible;
    /// assert!(Responsible::Operator.described().starts_with("the operator, who runs"));
    /// ```
    #[must_use]
    pub const fn described(self) -> &'static str {
        match self {
            Self::Producer => "the producer, who writes the document or enqueues the job",
            Self::Consumer => "the consumer, who reads the document or runs the job",
            Self::Provider => "the provider on the other side of the call",
            Self::Operator => "the operator, who runs the processes and the database",
        }
    }
}
