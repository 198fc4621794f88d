//! What callers ask of the writer.

use queue_core::{SettleBatch, StoreError};
use tokio::sync::oneshot;

use crate::fault::{Fault, Result};
use crate::ops::settle;
use crate::session::Session;

/// One request, to be carried out inside a group's transaction.
pub(crate) trait Request: Send {
    /// What it is, for errors.
    fn operation(&self) -> &'static str;

    /// About how many rows it is.
    fn weight(&self) -> usize;

    /// Whether its caller went away.
    fn is_abandoned(&self) -> bool;

    /// Whether it is to be carried out once more, when jobs became claimable: it found none, and its
    /// caller would rather wait.
    fn waits(&self) -> bool {
        false
    }

    /// Carries it out; on an error whatever it did is to be undone.
    fn run(&mut self, session: &Session<'_>) -> std::result::Result<(), Fault>;

    /// Tells the caller, after the commit or when there was none.
    fn answer(self: Box<Self>, outcome: std::result::Result<(), StoreError>);
}

/// A request whose caller waits for a value.
pub(crate) struct Call<T, W> {
    operation: &'static str,
    weight: usize,
    work: W,
    value: Option<T>,
    /// Which values are none to wait for.
    patient: Option<fn(&T) -> bool>,
    caller: oneshot::Sender<std::result::Result<T, StoreError>>,
}

/// Where the answer of a call arrives.
pub(crate) type Answer<T> = oneshot::Receiver<std::result::Result<T, StoreError>>;

impl<T, W> Call<T, W>
where
    T: Send,
    W: FnMut(&Session<'_>) -> Result<T> + Send,
{
    pub(crate) fn new(operation: &'static str, weight: usize, work: W) -> (Box<Self>, Answer<T>) {
        let (caller, answer) = oneshot::channel();
        let call = Self {
            operation,
            weight,
            work,
            value: None,
            patient: None,
            caller,
        };
        (Box::new(call), answer)
    }

    /// Waits for as long as its value is such a one.
    pub(crate) fn while_it(mut self: Box<Self>, is_nothing: fn(&T) -> bool) -> Box<Self> {
        self.patient = Some(is_nothing);
        self
    }
}

impl<T, W> Request for Call<T, W>
where
    T: Send,
    W: FnMut(&Session<'_>) -> Result<T> + Send,
{
    fn operation(&self) -> &'static str {
        self.operation
    }

    fn weight(&self) -> usize {
        self.weight
    }

    fn is_abandoned(&self) -> bool {
        self.caller.is_closed()
    }

    fn waits(&self) -> bool {
        match (self.patient, &self.value) {
            (Some(is_nothing), Some(value)) => is_nothing(value),
            _ => false,
        }
    }

    fn run(&mut self, session: &Session<'_>) -> Result<()> {
        self.value = Some((self.work)(session)?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: std::result::Result<(), StoreError>) {
        let answer = match (outcome, self.value) {
            (Ok(()), Some(value)) => Ok(value),
            (Ok(()), None) => Err(gone(self.operation)),
            (Err(error), _) => Err(error),
        };
        // A caller that went away drops the value; a hand-out of jobs then gives them back.
        drop(self.caller.send(answer));
    }
}

/// Leases that nobody received, on their way back.
pub(crate) struct GiveBack(pub(crate) SettleBatch);

impl Request for GiveBack {
    fn operation(&self) -> &'static str {
        "giving leases back"
    }

    fn weight(&self) -> usize {
        self.0.settlements().len()
    }

    fn is_abandoned(&self) -> bool {
        false
    }

    fn run(&mut self, session: &Session<'_>) -> Result<()> {
        settle::settle(session, &self.0).map(drop)
    }

    fn answer(self: Box<Self>, outcome: std::result::Result<(), StoreError>) {
        if let Err(error) = outcome {
            tracing::warn!(%error, "leases that nobody received run until they expire");
        }
    }
}

/// The thread that should have answered is not there any more, and does not come back.
pub(crate) fn gone(operation: &'static str) -> StoreError {
    StoreError::Closed { operation }
}
