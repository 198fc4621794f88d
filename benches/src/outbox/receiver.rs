//! A server that takes webhooks: in a process of its own, so that its work does not hide in ours.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What every request is answered.
pub(super) const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// The server, as seen from here. It ends with us, however we end: its input does.
#[derive(Debug)]
pub(super) struct Receiver {
    child: Child,
    said: BufReader<ChildStdout>,
    port: u16,
}

/// What came to it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Taken {
    /// All signed requests.
    pub(super) requests: u64,
    /// How many ids they had.
    pub(super) ids: u64,
}

impl Receiver {
    /// Starts one.
    pub(super) fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("receive")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting a process of its own")?;
        let said = child.stdout.take().context("its output")?;
        let mut said = BufReader::new(said);
        let mut line = String::new();
        said.read_line(&mut line)?;
        let port = line.trim().parse().context("its port")?;
        Ok(Self { child, said, port })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Where it takes them.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/orders", self.port)
    }

    /// Ends it, and says what it took.
    pub(super) fn end(mut self) -> Result<Taken> {
        drop(self.child.stdin.take());
        let mut line = String::new();
        self.said.read_line(&mut line)?;
        let ended = self.child.wait()?;
        ensure!(ended.success(), "the receiver ended with {ended}");
        serde_json::from_str(&line).context("what the receiver took")
    }
}

#[derive(Debug, Default)]
struct Seen {
    requests: u64,
    ids: HashSet<Vec<u8>>,
}

/// The process of its own, with one thread.
pub(crate) fn receive() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let seen = Arc::new(Mutex::new(Seen::default()));
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?.port());
        std::io::stdout().flush()?;
        let serving = async {
            loop {
                let (tcp, _) = listener.accept().await?;
                tokio::spawn(serve(tcp, Arc::clone(&seen)));
            }
        };
        let input = tokio::task::spawn_blocking(|| {
            std::io::copy(&mut std::io::stdin(), &mut std::io::sink())
        });
        tokio::select! {
            ended = serving => ended,
            _ = input => anyhow::Ok(()),
        }
    })?;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let taken = Taken {
        requests: seen.requests,
        ids: seen.ids.len() as u64,
    };
    println!("{}", serde_json::to_string(&taken)?);
    Ok(())
}

/// Serves a connection until the other side closes it.
async fn serve(mut tcp: TcpStream, seen: Arc<Mutex<Seen>>) -> Result<()> {
    tcp.set_nodelay(true)?;
    let mut buffer = bytes::BytesMut::with_capacity(16 * 1024);
    loop {
        match request(&buffer)? {
            None => {
                if tcp.read_buf(&mut buffer).await? == 0 {
                    return Ok(());
                }
            }
            Some((id, size)) => {
                {
                    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.requests += 1;
                    if !seen.ids.contains(id) {
                        seen.ids.insert(id.to_vec());
                    }
                }
                drop(buffer.split_to(size));
                tcp.write_all(ANSWER).await?;
            }
        }
    }
}

/// The id of a signed webhook, and how long its request is, once all of it is there.
fn request(bytes: &[u8]) -> Result<Option<(&[u8], usize)>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let (head, _) = bytes.split_at_checked(end).context("its head")?;
    let (mut length, mut id, mut signed) = (None, None, false);
    for line in head.split(|&byte| byte == b'\n').skip(1) {
        let mut parts = line.splitn(2, |&byte| byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
            bail!("a header without a colon");
        };
        let value = value.trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            length = Some(std::str::from_utf8(value)?.parse::<usize>()?);
        } else if name.eq_ignore_ascii_case(b"webhook-id") {
            id = Some(value);
        } else if name.eq_ignore_ascii_case(b"webhook-signature") {
            signed = value.starts_with(b"v1,");
        }
    }
    let (Some(length), Some(id), true) = (length, id, signed) else {
        bail!("this is no signed webhook");
    };
    let size = end + 4 + length;
    Ok((bytes.len() >= size).then_some((id, size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_counts_when_all_of_it_is_there() {
        let whole = b"POST /orders HTTP/1.1\r\nWebhook-Id: msg_1\r\nwebhook-signature: v1,x\r\n\
                      Content-Length: 2\r\n\r\n{}";
        for size in 0..whole.len() {
            assert_eq!(request(&whole[..size]).unwrap(), None, "{size}");
        }
        let (id, size) = request(whole).unwrap().unwrap();
        assert_eq!((id, size), (b"msg_1".as_slice(), whole.len()));
        let unsigned = b"POST / HTTP/1.1\r\nwebhook-id: msg_1\r\ncontent-length: 0\r\n\r\n";
        assert!(request(unsigned).is_err());
    }
}
