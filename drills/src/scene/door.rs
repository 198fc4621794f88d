//! Where the daemon tells how it is.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};

use super::PATIENCE;

/// As the daemon has it unless it is told otherwise.
const PORT: u16 = 9464;

/// A socket or a port: pages have to do for both.
#[derive(Debug)]
pub(crate) enum Door {
    Socket(PathBuf),
    Port(SocketAddr),
}

impl Door {
    pub(super) fn socket(folder: &Path) -> Self {
        Self::Socket(folder.join("http.sock"))
    }

    /// The default's port, of an address of this machine that nobody else here has.
    pub(super) fn port() -> Self {
        static NEXT: AtomicU8 = AtomicU8::new(1);
        let [_, _, high, low] = std::process::id().to_be_bytes();
        let own = NEXT.fetch_add(1, Ordering::Relaxed);
        let address = Ipv4Addr::new(127, high | 0x80, low, own);
        Self::Port(SocketAddr::new(address.into(), PORT))
    }

    /// What stands in the daemon's configuration.
    pub(crate) fn listen(&self) -> String {
        match self {
            Self::Socket(path) => format!("unix:{}", path.display()),
            Self::Port(address) => address.to_string(),
        }
    }

    /// What stands before a path in a command of `curl`.
    pub(crate) fn by_curl(&self) -> String {
        match self {
            Self::Socket(path) => format!("--unix-socket {} http://sweeper", path.display()),
            Self::Port(address) => format!("http://{address}"),
        }
    }

    /// Status and body; status 0 where nobody answers.
    pub(super) fn get(&self, path: &str) -> (u16, String) {
        match self {
            Self::Socket(socket) => UnixStream::connect(socket).map_or_else(
                |_| (0, String::new()),
                |stream| {
                    stream.set_read_timeout(Some(PATIENCE)).unwrap();
                    ask(stream, path)
                },
            ),
            Self::Port(address) => TcpStream::connect(address).map_or_else(
                |_| (0, String::new()),
                |stream| {
                    stream.set_read_timeout(Some(PATIENCE)).unwrap();
                    ask(stream, path)
                },
            ),
        }
    }
}

fn ask(mut stream: impl Read + Write, path: &str) -> (u16, String) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: sweeper\r\nconnection: close\r\n\r\n");
    let mut answer = String::new();
    // One that ends in the middle has answered nothing.
    if stream.write_all(request.as_bytes()).is_err() || stream.read_to_string(&mut answer).is_err()
    {
        return (0, answer);
    }
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        return (0, answer);
    };
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    (status.unwrap_or(0), body.to_owned())
}
