//! How connections are taken: within limits, and to the end of what has begun.

mod worded;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use worded::Worded;

/// How long the head of a request may take, and how long a connection may wait for one.
const HEAD: Duration = Duration::from_secs(10);
/// Of a request's line and headers.
const MOST_HEAD: usize = 16 * 1024;
/// Those that come later wait until one of them ends, which is soon.
const MOST_CONNECTIONS: usize = 1024;
/// After a connection that could not be taken: too many files are open, say.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves the pages until it is told to stop; requests that have begun are finished.
pub(crate) async fn serve(listener: TcpListener, pages: Router, stop: CancellationToken) {
    let under_way = GracefulShutdown::new();
    let free = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    while let Some(taken) = stop.run_until_cancelled(take(&listener, &free)).await {
        let (client, place) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                tracing::warn!(%error, "a connection was not taken");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(MOST_HEAD)
            .serve_connection(
                TokioIo::new(Worded::new(client)),
                TowerToHyperService::new(pages.clone()),
            );
        let served = under_way.watch(served);
        tokio::spawn(async move {
            if let Err(error) = served.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    under_way.shutdown().await;
}

/// The next one, once there is room for it.
async fn take(
    listener: &TcpListener,
    free: &Arc<Semaphore>,
) -> io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(free).acquire_owned().await;
    let place = place.map_err(io::Error::other)?;
    let (client, _) = listener.accept().await?;
    Ok((client, place))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn served() -> (
        std::net::SocketAddr,
        CancellationToken,
        tokio::task::JoinHandle<()>,
    ) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let place = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, Router::new(), stop.clone()));
        (place, stop, serving)
    }

    // Its time goes on by itself where everybody waits.
    #[tokio::test(start_paused = true)]
    async fn half_a_head_and_none_are_cut() {
        let (place, ..) = served().await;
        for half in ["GET / HTTP/1.1\r\nHost: a\r\n", ""] {
            let mut client = TcpStream::connect(place).await.unwrap();
            client.write_all(half.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let end = tokio::time::timeout(HEAD * 2, client.read_to_end(&mut answer)).await;
            assert!(end.is_ok(), "it is kept: {half:?}");
        }
    }

    #[tokio::test]
    async fn a_connection_that_waits_is_no_reason_to_stay() {
        let (place, stop, serving) = served().await;
        let mut client = TcpStream::connect(place).await.unwrap();
        client
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .unwrap();
        let mut first = [0; 12];
        client.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 404");
        stop.cancel();
        serving.await.unwrap();
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await.unwrap();
    }
}
