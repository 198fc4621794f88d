//! The three ports: each method hands its operation to the writer or a reader.

mod jobs;
mod operator;
mod outbox;

use queue_core::StoreError;

use crate::fault;
use crate::request::gone;
use crate::session::Session;
use crate::store::SqliteStore;

impl SqliteStore {
    /// Hands an operation to the writer.
    async fn write<T, W>(
        &self,
        operation: &'static str,
        weight: usize,
        work: W,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnMut(&Session<'_>) -> fault::Result<T> + Send + 'static,
    {
        let answer = self.0.writer.call(operation, weight, work);
        answer.await.map_err(|_| gone(operation))?
    }

    /// Hands an operation to a reader.
    async fn read<T, W>(&self, operation: &'static str, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Session<'_>) -> fault::Result<T> + Send + 'static,
    {
        self.0.readers.read(operation, work).await
    }
}
