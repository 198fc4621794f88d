//! Being told to stop in the middle of many changes.

use std::cell::Cell;

use queue_ops::Signal;

/// Between two of many changes a command looks whether it was told to stop, so that it can say how far it
/// got. A second signal ends it at once.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    careful: Cell<bool>,
    asked: Cell<Option<Signal>>,
}

impl Stop {
    /// From here on the command looks by itself.
    pub(crate) fn be_careful(&self) {
        self.careful.set(true);
    }

    /// Which signal came until now: also one of which this process has not heard yet.
    pub(crate) async fn look(&self) -> Option<Signal> {
        // The runtime looks around before it goes on.
        tokio::task::yield_now().await;
        self.asked()
    }

    /// Which signal came, if one did.
    pub(crate) fn asked(&self) -> Option<Signal> {
        self.asked.get()
    }

    /// Notes a signal; whether the command may go on until it looks.
    pub(crate) fn ask(&self, signal: Signal) -> bool {
        let first = self.asked.replace(Some(signal)).is_none();
        first && self.careful.get()
    }
}
