//! One connection for all sends, opened by the first that needs it.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared as SharedFuture};

use crate::channel::SendError;

/// A connection to a broker.
pub(in crate::channel) trait Link: Send + Sync + 'static {
    /// Whether it can be used for another message.
    fn is_usable(&self) -> bool;
}

type Opening<L> = SharedFuture<BoxFuture<'static, Result<Arc<L>, SendError>>>;

/// The connection that all sends share: while one opens it the others wait for the same, and where that
/// fails they all fail with it instead of trying one after the other.
pub(in crate::channel) struct Shared<L>(Mutex<Option<Opening<L>>>);

impl<L: Link> Shared<L> {
    pub(in crate::channel) fn none() -> Self {
        Self(Mutex::new(None))
    }

    /// The connection, opened by `open` where there is none that can be used.
    pub(in crate::channel) async fn get<F>(
        &self,
        open: impl FnOnce() -> F,
    ) -> Result<Arc<L>, SendError>
    where
        F: Future<Output = Result<L, SendError>> + Send + 'static,
    {
        let opening = {
            let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let current = slot.as_ref().filter(|opening| match opening.peek() {
                None => true,
                Some(Ok(link)) => link.is_usable(),
                Some(Err(_)) => false,
            });
            match current {
                Some(opening) => opening.clone(),
                None => {
                    let future = open();
                    let opening = async { future.await.map(Arc::new) }.boxed().shared();
                    slot.insert(opening).clone()
                }
            }
        };
        opening.await
    }
}

impl<L> fmt::Debug for Shared<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        f.write_str(match slot.as_ref().map(SharedFuture::peek) {
            None => "not connected",
            Some(None) => "connecting",
            Some(Some(Ok(_))) => "connected",
            Some(Some(Err(_))) => "could not connect",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use futures::future::join_all;
    use tokio::sync::oneshot;

    use super::*;

    struct Wire(AtomicBool);

    impl Link for Wire {
        fn is_usable(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }

    #[tokio::test]
    async fn many_wait_for_one_opening_and_share_its_end() {
        let shared = Shared::<Wire>::none();
        let opened = AtomicUsize::new(0);
        for fails in [true, false] {
            opened.store(0, Ordering::Relaxed);
            let (go, wait) = oneshot::channel::<()>();
            let mut wait = Some(wait);
            let mut open = || {
                opened.fetch_add(1, Ordering::Relaxed);
                let wait = wait.take().unwrap();
                async move {
                    wait.await.unwrap();
                    if fails {
                        return Err(SendError::unreachable("refused"));
                    }
                    Ok(Wire(AtomicBool::new(true)))
                }
            };
            let first = shared.get(&mut open);
            futures::pin_mut!(first);
            assert!(futures::poll!(&mut first).is_pending());
            let others = join_all((0..9).map(|_| shared.get(|| async { unreachable!() })));
            futures::pin_mut!(others);
            assert!(futures::poll!(&mut others).is_pending());
            go.send(()).unwrap();
            // Whoever began may go away; the others go on with what it began.
            let all = others.await;
            assert!(all.iter().all(|one| one.is_err() == fails));
            assert_eq!(opened.load(Ordering::Relaxed), 1);
        }
        let link = shared.get(|| async { unreachable!() }).await.unwrap();
        link.0.store(false, Ordering::Relaxed);
        let open = || async { Ok(Wire(AtomicBool::new(true))) };
        assert!(!Arc::ptr_eq(&link, &shared.get(open).await.unwrap()));
    }
}
