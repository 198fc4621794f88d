//! Which signals are escalated, when and to whom.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{ChannelName, ErrorClass, KindName, QueueName, Recipient, Subject, Transition};

use super::{Event, Raise, Severity, Signal};

/// The most signals that a rule waits for.
pub const MAX_THRESHOLD: u16 = 100;

/// Why a set of rules was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the escalation rule `{rule}` {problem}")]
pub struct InvalidRule {
    /// Which rule.
    pub rule: String,
    /// What is wrong with it, and what to write instead.
    pub problem: String,
}

/// One rule. What it does not name it does not ask for.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{ErrorClass, Escalations, KindName, QueueName, Rule, Severity, Signal};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut rule = Rule::new("payments");
/// rule.queues = vec![QueueName::new("payments")?];
/// rule.count = 3;
/// rule.within = Duration::from_secs(600);
/// let rules = Escalations::new(vec![rule.to("pager", "payments-on-call")?])?;
///
/// let died = |queue| {
///     Ok::<_, queue_core::InvalidName>(Signal::job_died(
///         QueueName::new(queue)?,
///         KindName::new("charge")?,
///         ErrorClass::network_timeout(),
///     ))
/// };
/// assert_eq!(rules.raises(&died("payments")?).len(), 1);
/// assert!(rules.raises(&died("mail")?).is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name: a part of the key of its incidents.
    pub name: String,
    /// Only these events.
    #[serde(default)]
    pub events: Vec<Event>,
    /// Only of these queues.
    #[serde(default)]
    pub queues: Vec<QueueName>,
    /// Only of these kinds.
    #[serde(default)]
    pub kinds: Vec<KindName>,
    /// Only of these classes.
    #[serde(default)]
    pub classes: Vec<ErrorClass>,
    /// Only on these channels.
    #[serde(default)]
    pub channels: Vec<ChannelName>,
    /// Only what is as bad as this.
    #[serde(default = "lowest")]
    pub at_least: Severity,
    /// What it is escalated as; as bad as the event is, unless it is said.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// How many signals it takes, 1 to [`MAX_THRESHOLD`].
    #[serde(default = "one")]
    pub count: u16,
    /// Within which time.
    #[serde(default = "hour")]
    pub within: Duration,
    /// Through which channels, to whom.
    pub to: Vec<(ChannelName, Recipient)>,
}

fn lowest() -> Severity {
    Severity::Info
}

fn one() -> u16 {
    1
}

fn hour() -> Duration {
    Duration::from_secs(3600)
}

impl Rule {
    /// One that takes every signal at once, and tells nobody yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            events: Vec::new(),
            queues: Vec::new(),
            kinds: Vec::new(),
            classes: Vec::new(),
            channels: Vec::new(),
            at_least: lowest(),
            severity: None,
            count: one(),
            within: hour(),
            to: Vec::new(),
        }
    }

    /// Tells somebody, besides those it tells already.
    pub fn to(
        mut self,
        channel: impl AsRef<str>,
        recipient: impl AsRef<str>,
    ) -> Result<Self, crate::InvalidName> {
        let to = (ChannelName::new(channel)?, Recipient::new(recipient)?);
        self.to.push(to);
        Ok(self)
    }

    fn takes(&self, signal: &Signal) -> bool {
        fn among<T: PartialEq>(wanted: &[T], given: Option<&T>) -> bool {
            wanted.is_empty() || given.is_some_and(|given| wanted.contains(given))
        }
        among(&self.events, Some(&signal.event))
            && among(&self.queues, signal.queue.as_ref())
            && among(&self.kinds, signal.kind.as_ref())
            && among(&self.classes, Some(&signal.class))
            && among(&self.channels, signal.channel.as_ref())
            && signal.event.severity() >= self.at_least
    }

    fn raise(&self, signal: &Signal) -> Raise {
        Raise {
            key: key(self, signal),
            rule: self.name.clone(),
            severity: self.severity.unwrap_or(signal.event.severity()),
            signal: signal.clone(),
            count: self.count,
            within: self.within,
            to: self.to.clone(),
        }
    }

    fn check(&self) -> Result<(), InvalidRule> {
        let wrong = |problem: &str| {
            Err(InvalidRule {
                rule: self.name.clone(),
                problem: problem.to_owned(),
            })
        };
        // A rule's name is of the same make as a queue's.
        if QueueName::new(&self.name).is_err() {
            return wrong(
                "has no valid name: write 1 to 128 characters of a-z, A-Z, 0-9 and _ - . : /",
            );
        }
        if self.to.is_empty() {
            return wrong("tells nobody: give it a channel and a recipient");
        }
        if !(1..=MAX_THRESHOLD).contains(&self.count) {
            return wrong("waits for a count that is none: choose from 1 to 100");
        }
        if self.within.is_zero() {
            return wrong("counts within no time: choose at least a second");
        }
        Ok(())
    }
}

/// The rules of a service or daemon.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Escalations(Vec<Rule>);

impl Escalations {
    /// Checks the rules: each has a name of its own, tells somebody, and can be met.
    ///
    /// ```
    /// use queue_core::{Escalations, Rule};
    /// let error = Escalations::new(vec![Rule::new("night")]).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the escalation rule `night` tells nobody: give it a channel and a recipient"
    /// );
    /// ```
    pub fn new(rules: Vec<Rule>) -> Result<Self, InvalidRule> {
        for (n, rule) in rules.iter().enumerate() {
            rule.check()?;
            if rules.iter().take(n).any(|other| other.name == rule.name) {
                return Err(InvalidRule {
                    rule: rule.name.clone(),
                    problem: "is there twice: give one of them another name".to_owned(),
                });
            }
        }
        Ok(Self(rules))
    }

    /// Lets a burial raise what the rules say; other transitions raise nothing.
    #[must_use]
    pub fn on(&self, mut transition: Transition, queue: &QueueName, kind: &KindName) -> Transition {
        if let Transition::Bury(burial) = &mut transition
            && !self.0.is_empty()
        {
            let class = burial.failure.class.clone();
            let died = Signal::job_died(queue.clone(), kind.clone(), class);
            burial.raises_again = self.raises_again(&died);
            burial.raises = self.raises(&died);
        }
        transition
    }

    /// What follows from a signal: one raise for each rule that takes it.
    #[must_use]
    pub fn raises(&self, signal: &Signal) -> Vec<Raise> {
        let taken = self.0.iter().filter(|rule| rule.takes(signal));
        taken.map(|rule| rule.raise(signal)).collect()
    }

    /// What follows if the job dies of the same again after a replay: a rule that takes both events is told
    /// of that one only.
    fn raises_again(&self, died: &Signal) -> Vec<Raise> {
        let again = died.clone().again();
        let raise = |rule: &Rule| {
            let taken = [&again, died].into_iter().find(|signal| rule.takes(signal));
            taken.map(|signal| rule.raise(signal))
        };
        self.0.iter().filter_map(raise).collect()
    }
}

/// The longest readable part of a key.
const READABLE: usize = 180;

/// What is one incident: a rule, and what it was about. Readable where that is short enough.
fn key(rule: &Rule, signal: &Signal) -> Subject {
    let text = format!("{}: {signal}", rule.name);
    if text.len() <= READABLE {
        return Subject::of_incident(&text);
    }
    // Names are ASCII, and so is what is made of them.
    let start: String = text.chars().take(READABLE - 20).collect();
    let hash = crate::hex(&Sha256::digest(text.as_bytes()));
    Subject::of_incident(&format!("{start}~{}", hash.get(..16).unwrap_or_default()))
}
