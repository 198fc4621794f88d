//! What the server listens on: a port, or a socket of this machine.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use queue_ops::{Exit, Listen};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener, UnixStream};

use crate::configuration::Unusable;

/// The owner and the group may connect.
const MODE: u32 = 0o660;

#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener, SocketFile),
}

/// A client, however it came.
pub(super) trait Client: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Client for T {}

/// Removed when the server is.
#[derive(Debug)]
pub(super) struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

impl Listener {
    /// Listens; none if nothing is to be served.
    pub(super) async fn bind(listen: &Listen) -> Result<Option<Self>, Unusable> {
        let bound = match listen {
            Listen::Tcp(address) => TcpListener::bind(address).await.map(Self::Tcp),
            Listen::Unix(path) => bind_unix(path).await,
            _ => return Ok(None),
        };
        bound.map(Some).map_err(|error| Unusable {
            exit: Exit::Config,
            problem: format!(
                "nothing can listen on {listen}: {error}; choose another place by `http.listen`, or off"
            ),
        })
    }

    pub(super) async fn accept(&self) -> io::Result<Box<dyn Client>> {
        Ok(match self {
            Self::Tcp(listener) => Box::new(listener.accept().await?.0),
            Self::Unix(listener, _) => Box::new(listener.accept().await?.0),
        })
    }

    /// Where it listens, for the log: a port that was left to the system is known only now.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Tcp(listener) => listener
                .local_addr()
                .map_or_else(|error| error.to_string(), |address| address.to_string()),
            Self::Unix(_, file) => format!("unix:{}", file.0.display()),
        }
    }
}

/// A file of a process that is gone is replaced. It gets its mode before it gets its name: nobody connects to it
/// meanwhile.
async fn bind_unix(path: &Path) -> io::Result<Listener> {
    if UnixStream::connect(path).await.is_ok() {
        return Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            "another process listens there",
        ));
    }
    match std::fs::symlink_metadata(path) {
        Ok(there) if !is_socket(&there) => {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "there is a file of that name which is no socket",
            ));
        }
        _ => {}
    }
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let draft = SocketFile(draft.into());
    let listener = UnixListener::bind(&draft.0)?;
    std::fs::set_permissions(&draft.0, Permissions::from_mode(MODE))?;
    std::fs::rename(&draft.0, path)?;
    Ok(Listener::Unix(listener, SocketFile(path.to_owned())))
}

fn is_socket(file: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    file.file_type().is_socket()
}
