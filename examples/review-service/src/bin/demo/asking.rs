//! Asks for reviews, as whoever watches the depot would: over HTTP, and again where no answer comes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use queue_core::JobId;
use review_service::stand_in::changes::Recorded;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::progress::Progress;

/// So many ask at a time.
const AT_ONCE: usize = 8;
/// How long somebody who got no answer waits before asking again, and how often.
const PAUSE: Duration = Duration::from_millis(100);
const MOST_OFTEN: u32 = 300;
const PATIENCE: Duration = Duration::from_secs(10);

/// A change and the job that it became.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) change: Recorded,
    pub(crate) job: JobId,
    pub(crate) recipients: Vec<String>,
}

/// Asks for all of them; gives them back in order.
pub(crate) async fn ask(
    ingest: SocketAddr,
    changes: impl Iterator<Item = Recorded>,
    progress: &Progress,
) -> Result<Vec<Asked>> {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut asking = JoinSet::new();
    for change in changes {
        let (turns, progress) = (Arc::clone(&turns), progress.clone());
        asking.spawn(async move {
            let _turn = turns.acquire().await?;
            let asked = ask_for(ingest, change).await;
            progress.asked();
            asked
        });
    }
    let mut all = Vec::new();
    while let Some(asked) = asking.join_next().await {
        all.push(asked??);
    }
    all.sort_by_key(|asked| asked.change.changelist);
    Ok(all)
}

async fn ask_for(ingest: SocketAddr, change: Recorded) -> Result<Asked> {
    let recipients = vec![
        format!("{}@example.org", change.author),
        "reviewers@example.org".to_owned(),
    ];
    let changelist = change.changelist;
    let body = json!({
        "changelist_id": changelist,
        "review_version": 1,
        "idempotency_key": format!("demo {changelist}"),
        "recipients": recipients,
    });
    let body = body.to_string();
    for _ in 0..MOST_OFTEN {
        // Under the same key: whether the first one came through makes no difference.
        let answered = tokio::time::timeout(PATIENCE, post(ingest, &body)).await;
        if let Ok(Ok((status, answer))) = answered {
            match status {
                200 | 201 => {
                    let job = answer.get("job").and_then(Value::as_i64);
                    let job = JobId::new(job.context("the answer names no job")?);
                    return Ok(Asked {
                        change,
                        job,
                        recipients,
                    });
                }
                429 | 503 => {}
                _ => bail!("change {changelist} was refused ({status}): {answer}"),
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("nobody took the request for change {changelist}")
}

/// One request, on a connection of its own.
async fn post(ingest: SocketAddr, body: &str) -> Result<(u16, Value)> {
    let mut stream = TcpStream::connect(ingest).await?;
    let head = format!(
        "POST /v1/reviews HTTP/1.1\r\nhost: {ingest}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .context("the answer has no end")?;
    let status = head.split(' ').nth(1).context("the answer has no status")?;
    Ok((status.parse()?, serde_json::from_str(body)?))
}
