//! Where webhooks go: a receiver that can be out of order.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

#[derive(Debug, Default)]
struct State {
    is_down: AtomicBool,
    requests: AtomicU64,
}

/// It answers as long as the process lives.
#[derive(Debug)]
pub(crate) struct FarSide {
    address: SocketAddr,
    state: Arc<State>,
}

impl FarSide {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let kept = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // Who goes away in the middle is the sender's affair.
                let _ = answer(stream, &kept);
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/orders", self.address)
    }

    pub(crate) fn set_down(&self, down: bool) {
        self.state.is_down.store(down, Ordering::Relaxed);
    }
}

/// One request, then the connection ends. While it is down, every third request is read and not answered.
fn answer(mut stream: TcpStream, state: &State) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&request) {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..read]);
    }
    let number = state.requests.fetch_add(1, Ordering::Relaxed);
    let status = match state.is_down.load(Ordering::Relaxed) {
        false => "204 No Content",
        true if number.is_multiple_of(3) => return Ok(()),
        true => "503 Service Unavailable",
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let mut lines = head.lines().map(str::to_ascii_lowercase);
    let length =
        lines.find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    body.len() >= length.unwrap_or(0)
}
