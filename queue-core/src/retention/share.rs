//! Whose rows a rule is about.

use super::Kept;
use crate::QueueName;

/// The rows of a sort that one rule holds for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Whose.
    pub of: ShareOf,
    /// How long they are kept.
    pub kept: Kept,
}

/// Whose rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShareOf {
    /// Those of one queue, which has a rule of its own.
    One(QueueName),
    /// Those of all queues but these, which have rules of their own.
    Others(Vec<QueueName>),
}

impl ShareOf {
    /// Whether a queue's rows are among them.
    #[must_use]
    pub fn takes(&self, queue: &str) -> bool {
        match self {
            Self::One(one) => one.as_str() == queue,
            Self::Others(but) => but.iter().all(|own| own.as_str() != queue),
        }
    }

    /// The queues that are named.
    #[must_use]
    pub fn named(&self) -> Vec<&str> {
        match self {
            Self::One(one) => vec![one.as_str()],
            Self::Others(but) => but.iter().map(QueueName::as_str).collect(),
        }
    }

    /// Whether it is the named ones that are meant, and not all others.
    #[must_use]
    pub fn is_one(&self) -> bool {
        matches!(self, Self::One(_))
    }

    /// A name under which a store may remember how far it got. Another share has another one: where a
    /// queue gets a rule or loses it, what was gone through for the others is gone through again.
    ///
    /// ```
    /// use queue_core::{QueueName, ShareOf};
    /// let mail = QueueName::new("mail").unwrap();
    /// assert_eq!(ShareOf::One(mail.clone()).scope(), "of mail");
    /// assert_eq!(ShareOf::Others(vec![mail]).scope(), "but mail");
    /// ```
    #[must_use]
    pub fn scope(&self) -> String {
        let word = if self.is_one() { "of" } else { "but" };
        // No name has a space in it.
        format!("{word} {}", self.named().join(" "))
    }
}
