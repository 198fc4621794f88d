//! The stream under an SMTP connection: it knows what has left this host.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// A message up to this size leaves in one write together with its final dot.
const HELD: usize = 32 * 1024;

/// The first byte of a TLS handshake; commands begin with a letter.
const HANDSHAKE: u8 = 0x16;

/// What is known of a wire, while the connection that owns it is busy.
#[derive(Debug)]
pub(super) struct Line {
    since: Instant,
    moved: AtomicU64,
    spoken: AtomicBool,
    holding: AtomicBool,
    ending: AtomicBool,
    ended: AtomicBool,
}

impl Line {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            since: Instant::now(),
            moved: AtomicU64::new(0),
            spoken: AtomicBool::new(false),
            holding: AtomicBool::new(false),
            ending: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        })
    }

    /// Whether anything was said yet: the far side greets first.
    pub(super) fn spoken(&self) -> bool {
        self.spoken.load(Ordering::Acquire)
    }

    /// A message of that size comes now.
    pub(super) fn begin(&self, size: usize) {
        self.ending.store(false, Ordering::Release);
        self.ended.store(false, Ordering::Release);
        self.holding.store(size <= HELD, Ordering::Release);
        self.touch();
    }

    /// Nothing but the final dot comes now.
    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::Release);
        self.holding.store(false, Ordering::Release);
    }

    /// Whether the final dot may have left.
    pub(super) fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// When something left last.
    pub(super) fn moved(&self) -> Instant {
        self.since + Duration::from_micros(self.moved.load(Ordering::Acquire))
    }

    fn touch(&self) {
        let micros = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.moved.store(micros, Ordering::Release);
    }

    /// Something left.
    fn went(&self) {
        self.touch();
        if self.ending.load(Ordering::Acquire) {
            self.ended.store(true, Ordering::Release);
        }
    }
}

/// A TCP stream that holds a short message back until its final dot comes, so that both leave together:
/// one packet instead of two. What is held and not taken by the kernel to its end has not left: the far
/// side cannot have seen the dot.
#[derive(Debug)]
pub(super) struct Wire {
    tcp: TcpStream,
    line: Arc<Line>,
    /// Reads byte by byte until TLS begins. What somebody slips in before that is then not taken for
    /// answers that came after it (the flaw known as STARTTLS response injection): it stays where the
    /// handshake stumbles over it.
    careful: bool,
    held: Vec<u8>,
    gone: usize,
}

impl Wire {
    pub(super) fn new(tcp: TcpStream, careful: bool) -> (Self, Arc<Line>) {
        let line = Line::new();
        let wire = Self {
            tcp,
            line: Arc::clone(&line),
            careful,
            held: Vec::new(),
            gone: 0,
        };
        (wire, line)
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.held.get(self.gone..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.tcp).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                n => self.gone += n,
            }
            self.line.touch();
        }
        if self.gone > 0 {
            self.held.clear();
            self.gone = 0;
            self.line.went();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.careful {
            return Pin::new(&mut self.tcp).poll_read(cx, buf);
        }
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte);
        ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut one))?;
        if buf.remaining() > 0 {
            buf.put_slice(one.filled());
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.line.spoken.store(true, Ordering::Release);
        if buf.first() == Some(&HANDSHAKE) {
            self.careful = false;
        }
        if self.line.holding.load(Ordering::Acquire) || !self.held.is_empty() {
            self.held.extend_from_slice(buf);
            return Poll::Ready(Ok(buf.len()));
        }
        let n = ready!(Pin::new(&mut self.tcp).poll_write(cx, buf))?;
        if n > 0 {
            self.line.went();
        }
        Poll::Ready(Ok(n))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.line.holding.load(Ordering::Acquire) {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_drain(cx))?;
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What is held was not asked to leave.
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.peer_addr()
    }
}
