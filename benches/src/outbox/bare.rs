//! A client that only sends: one request again and again, on connections that stay open, each waiting for its answer.
//! It builds no requests, and knows one answer only: what is left is what the sockets take.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::receiver::ANSWER;

/// What was sent.
#[derive(Debug)]
pub(super) struct Sent {
    /// All of them were answered.
    pub(super) requests: u64,
    pub(super) took: Duration,
}

/// Sends for so long, on a thread of its own as the far side has one.
pub(super) async fn send(
    port: u16,
    request: &[u8],
    connections: usize,
    lasts: Duration,
) -> Result<Sent> {
    let request = Arc::from(request);
    tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        runtime.block_on(on_all(port, request, connections, lasts))
    })
    .await?
}

async fn on_all(
    port: u16,
    request: Arc<[u8]>,
    connections: usize,
    lasts: Duration,
) -> Result<Sent> {
    let mut open = Vec::new();
    for _ in 0..connections {
        let tcp = TcpStream::connect(("127.0.0.1", port)).await?;
        tcp.set_nodelay(true)?;
        open.push(tcp);
    }
    let begun = Instant::now();
    let mut sending = JoinSet::new();
    for tcp in open {
        sending.spawn(on_one(tcp, Arc::clone(&request), begun + lasts));
    }
    let mut requests = 0;
    while let Some(sent) = sending.join_next().await {
        requests += sent??;
    }
    Ok(Sent {
        requests,
        took: begun.elapsed(),
    })
}

async fn on_one(mut tcp: TcpStream, request: Arc<[u8]>, end: Instant) -> Result<u64> {
    let mut answer = [0; ANSWER.len()];
    let mut sent = 0;
    while Instant::now() < end {
        tcp.write_all(&request).await?;
        tcp.read_exact(&mut answer).await.context("the answer")?;
        ensure!(
            answer == ANSWER,
            "a request was answered {}",
            String::from_utf8_lossy(&answer)
        );
        sent += 1;
    }
    Ok(sent)
}
