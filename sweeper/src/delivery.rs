//! Delivery beside the loops: a seam for whoever has channels.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use queue_core::{DelivererBuilder, DelivererError, Store};
use tokio_util::sync::CancellationToken;

/// Makes a deliverer on the store, once that is open.
pub type Delivery =
    Box<dyn FnOnce(Arc<dyn Store>) -> Result<DelivererBuilder, DelivererError> + Send>;

/// Why a part of the daemon ended that should not have.
pub(crate) type Ended = Result<(), String>;

/// Delivers until it is told to stop.
pub(crate) async fn deliver(
    delivery: Delivery,
    store: Arc<dyn Store>,
    stop: CancellationToken,
) -> Ended {
    let told = stop.clone();
    let shutdown: Pin<Box<dyn Future<Output = ()> + Send>> =
        Box::pin(async move { told.cancelled().await });
    let builder = delivery(store).map_err(|error| error.to_string())?;
    match builder.run(shutdown).await {
        Ok(report) => {
            tracing::info!(?report, "the deliverer has stopped");
            Ok(())
        }
        Err(error) => Err(format!("the deliverer: {error}")),
    }
}

/// Delivers what is due, and returns how much.
pub(crate) async fn drain(
    delivery: Delivery,
    store: Arc<dyn Store>,
) -> Result<u64, DelivererError> {
    let report = delivery(store)?.build()?.drain().await?;
    Ok(report.sent)
}

#[cfg(test)]
mod tests {
    use queue_core::channel::FileChannel;
    use queue_core::memory::MemoryStore;
    use queue_core::{
        ChannelName, Deliverer, Intent, NewNotification, NotificationState, OutboxStore, Payload,
        PublishBatch, Purpose, Recipient, Revision, Subject,
    };

    use super::*;

    async fn published() -> (Arc<MemoryStore>, queue_core::NotificationId) {
        let intent = Intent {
            channel: ChannelName::new("log").unwrap(),
            purpose: Purpose::new("invoice").unwrap(),
            subject: Subject::new("order:42").unwrap(),
            recipient: Recipient::new("ada@example.org").unwrap(),
            revision: Revision::new(1),
        };
        let message = NewNotification::new(intent, Payload::json(&42).unwrap());
        let store = Arc::new(MemoryStore::default());
        let batch = PublishBatch::new(vec![message]).unwrap();
        let id = store.publish(batch).await.unwrap()[0].id();
        (store, id)
    }

    fn to_stdout() -> Delivery {
        Box::new(|store| Ok(Deliverer::builder(store).channel("log", FileChannel::stdout())))
    }

    #[tokio::test]
    async fn a_deliverer_that_is_handed_in_delivers_until_it_is_told_to_stop() {
        let (store, id) = published().await;
        let stop = CancellationToken::new();
        let shared: Arc<dyn Store> = store.clone();
        let delivering = tokio::spawn(deliver(to_stdout(), shared, stop.clone()));
        while store.notification(id).await.unwrap().unwrap().state != NotificationState::Sent {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        delivering.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn once_it_delivers_what_is_due() {
        let (store, _) = published().await;
        assert_eq!(drain(to_stdout(), store).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn without_channels_it_says_so() {
        let (store, _) = published().await;
        let none: Delivery = Box::new(|store| Ok(Deliverer::builder(store)));
        let problem = deliver(none, store, CancellationToken::new())
            .await
            .unwrap_err();
        assert!(
            problem.contains("the deliverer has no channels"),
            "{problem}"
        );
    }
}
