//! The ports: each method hands its operation to the writer or a reader.

mod jobs;
mod leader;
mod operator;
mod outbox;
mod replay;
mod retention;
mod schedules;

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

    /// Tells those of this process who wait for something to do that there may be.
    fn ring(&self) {
        self.0.shared.wakeups.ring();
    }
}

#[cfg(test)]
mod tests {
    use fixtures::catalogue::{Place, class_of, run};
    use queue_core::{Code, JobStore, OutboxStore};

    use crate::SqliteStore;
    use crate::writer::Message;

    #[test]
    fn what_the_catalogue_tells_of_the_writers_end_gives_its_code() {
        async fn closed() -> String {
            let dir = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(dir.path().join("jobs.db")).await.unwrap();
            store.0.writer.queue().send(Message::Stop).unwrap();
            class_of(store.doubt_expired(1).await.unwrap_err())
        }
        Place::InsideSqlite.provoke(&[(Code::StoreClosed, || run(closed()))]);
    }

    #[tokio::test]
    async fn a_writer_that_ended_is_no_passing_trouble() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(dir.path().join("jobs.db")).await.unwrap();
        store.0.writer.queue().send(Message::Stop).unwrap();
        let error = store.doubt_expired(1).await.unwrap_err();
        assert_eq!(error.code(), "closed");
        assert!(!error.is_transient(), "it never heals");
        assert!(error.to_string().contains("open it again"), "{error}");
        // Readers have threads of their own.
        store.stats().await.unwrap();
    }
}
