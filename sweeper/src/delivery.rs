//! Delivery beside the loops, by the channels of the configuration as it holds.

use std::sync::Arc;

use queue_core::Store;
use queue_ops::{DeliveryConfig, Fingerprint};
use tokio_util::sync::CancellationToken;

use crate::settings::SettingsWatch;
use crate::state::State;

/// Why a part of the daemon ended that should not have.
pub(crate) type Ended = Result<(), String>;

/// Delivers while there are channels, until it is told to stop. When they change, what is under way ends by
/// the old ones, and the new ones go on.
pub(crate) async fn deliver(
    store: Arc<dyn Store>,
    mut settings: SettingsWatch,
    state: Arc<State>,
    stop: CancellationToken,
) -> Ended {
    while !stop.is_cancelled() {
        let config = settings.borrow_and_update().delivery.clone();
        let shutdown = {
            let (stop, settings, built) = (stop.clone(), settings.clone(), config.fingerprint());
            let state = Arc::clone(&state);
            async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = change(settings, built) => {}
                }
                // From here on its loops end one by one, and it is the end that has its time.
                state.delivers(None);
            }
        };
        match config.deliverer(Arc::clone(&store)).map_err(say)? {
            None => shutdown.await,
            Some(deliverer) => {
                tracing::info!(channels = names(&config), "delivering");
                // The loops tell of the database.
                let deliverer = deliverer.says_outages(false).build().map_err(say)?;
                state.delivers(Some(deliverer.watch()));
                let report = deliverer.run(shutdown).await.map_err(say)?;
                tracing::info!(?report, "the deliverer has stopped");
            }
        }
    }
    Ok(())
}

/// Waits until the channels are other ones, or their secrets.
async fn change(mut settings: SettingsWatch, built: Fingerprint) {
    while settings.changed().await.is_ok() {
        if settings.borrow_and_update().delivery.fingerprint() != built {
            return;
        }
    }
    // Nobody is left who could change anything.
    std::future::pending::<()>().await;
}

/// Delivers what is due until it is told to stop, and returns how much; none without channels.
pub(crate) async fn drain(
    config: &DeliveryConfig,
    store: Arc<dyn Store>,
    stop: CancellationToken,
) -> Result<Option<u64>, String> {
    let Some(deliverer) = config.deliverer(store).map_err(say)? else {
        return Ok(None);
    };
    if stop.is_cancelled() {
        return Ok(None);
    }
    let deliverer = deliverer.build().map_err(say)?;
    let report = deliverer.drain_until(stop.cancelled_owned()).await;
    let report = report.map_err(say)?;
    Ok(Some(report.sent))
}

fn names(config: &DeliveryConfig) -> String {
    let names = config
        .channels()
        .iter()
        .map(|channel| channel.name().as_str());
    names.collect::<Vec<_>>().join(", ")
}

fn say(error: impl std::fmt::Display) -> String {
    format!("the deliverer: {error}")
}

#[cfg(test)]
mod tests {
    use queue_core::memory::MemoryStore;
    use queue_core::{
        ChannelName, Intent, NewNotification, NotificationId, NotificationState, OutboxStore,
        Payload, PublishBatch, Purpose, Recipient, Revision, Subject,
    };
    use queue_ops::Config;
    use tokio::sync::watch;

    use super::*;
    use crate::settings::Settings;

    async fn publish(store: &MemoryStore, order: u32) -> NotificationId {
        let intent = Intent {
            channel: ChannelName::new("log").unwrap(),
            purpose: Purpose::new("invoice").unwrap(),
            subject: Subject::new(format!("order:{order}")).unwrap(),
            recipient: Recipient::new("ada@example.org").unwrap(),
            revision: Revision::new(1),
        };
        let message = NewNotification::new(intent, Payload::json(&42).unwrap());
        let batch = PublishBatch::new(vec![message]).unwrap();
        store.publish(batch).await.unwrap()[0].id()
    }

    async fn sent(store: &MemoryStore, id: NotificationId) {
        while store.notification(id).await.unwrap().unwrap().state != NotificationState::Sent {
            tokio::task::yield_now().await;
        }
    }

    /// Lines of JSON into a file of this name.
    fn into_file(dir: &tempfile::TempDir, name: &str) -> Arc<Settings> {
        let path = dir.path().join(name);
        let text = format!("[channels.log]\ntype = \"file\"\npath = {path:?}");
        Arc::new(Settings {
            delivery: Config::from_toml(&text).unwrap().delivery,
            ..Settings::default()
        })
    }

    #[tokio::test]
    async fn it_delivers_by_the_channels_that_hold_until_it_is_told_to_stop() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(MemoryStore::default());
        let (sender, settings) = watch::channel(Arc::new(Settings::default()));
        let stop = CancellationToken::new();
        let state = Arc::new(State::default());
        let shared: Arc<dyn Store> = store.clone();
        let delivering = tokio::spawn(deliver(shared, settings, Arc::clone(&state), stop.clone()));
        assert!(state.delivery().is_none());
        // Without channels it waits for some; then others take their place, a moment later.
        let mut orders = 1..;
        for name in ["first", "second"] {
            sender.send_replace(into_file(&dir, name));
            while !dir.path().join(name).exists() {
                let id = publish(&store, orders.next().unwrap()).await;
                sent(&store, id).await;
            }
            let channels = state.delivery().unwrap().channels();
            assert_eq!(channels.len(), 1);
            assert!(channels[0].rows > 0 && channels[0].last_success.is_some());
        }
        stop.cancel();
        delivering.await.unwrap().unwrap();
        assert!(state.delivery().is_none());
    }

    #[tokio::test]
    async fn once_it_delivers_what_is_due() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(MemoryStore::default());
        publish(&store, 1).await;
        let none = DeliveryConfig::default();
        assert_eq!(
            drain(&none, store.clone(), CancellationToken::new())
                .await
                .unwrap(),
            None
        );
        let settings = into_file(&dir, "log");
        let stop = CancellationToken::new();
        let drained = drain(&settings.delivery, store, stop).await;
        assert_eq!(drained.unwrap(), Some(1));
    }
}
