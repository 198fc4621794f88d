//! The server, within its limits.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use queue_ops::Listen;
use tokio::sync::Semaphore;

use super::listener::{Client, Listener};
use super::pages::Pages;
use crate::configuration::Unusable;
use crate::health::Health;
use crate::metrics::Meters;

/// Of a request's line and headers; hyper takes no less.
const MOST_HEAD: usize = 8 * 1024;
/// From the connection to the end of the answer.
const LONGEST: Duration = Duration::from_secs(5);
/// Those that come later wait until one of them ends, which is soon.
const MOST_CONNECTIONS: usize = 64;
/// After a connection that could not be taken: too many files are open, say.
const PAUSE: Duration = Duration::from_millis(100);

/// Listens already, and serves nothing yet.
#[derive(Debug)]
pub(crate) struct Server {
    listener: Listener,
    pages: Pages,
}

impl Server {
    /// None if nothing is to be served.
    pub(crate) async fn bind(
        listen: &Listen,
        health: Health,
        meters: Meters,
    ) -> Result<Option<Self>, Unusable> {
        let listener = Listener::bind(listen).await?;
        Ok(listener.map(|listener| Self {
            listener,
            pages: Pages { health, meters },
        }))
    }

    /// Serves until it is dropped.
    pub(crate) async fn serve(self) {
        let Self { listener, pages } = self;
        tracing::info!(listen = listener.place(), "serving health and metrics");
        let free = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let pages = Arc::new(pages);
        loop {
            let Ok(place) = Arc::clone(&free).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok(client) => {
                    let pages = Arc::clone(&pages);
                    tokio::spawn(async move {
                        // Whoever takes longer is not served to the end.
                        drop(tokio::time::timeout(LONGEST, one(client, pages)).await);
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection was not taken");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// One request, and its connection ends.
async fn one(client: Box<dyn Client>, pages: Arc<Pages>) {
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let response = pages.answer(request.method(), request.uri().path(), request.headers());
        async move { Ok::<_, Infallible>(response) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST)
        .max_buf_size(MOST_HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(client), service);
    if let Err(error) = served.await {
        tracing::debug!(%error, "a request was not answered");
    }
}
