//! Opening a connection, and giving up on it.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lapin::tcp::{AMQPUriTcpExt, AsyncTcpStream, TLSConfig};
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Connection, ConnectionProperties, Error, runtime};

/// Opens a connection. Whoever stops waiting for it hangs up: by itself the client would wait for as long as
/// the far side keeps quiet, on a thread of its own for each attempt.
pub(super) async fn connect(uri: AMQPUri) -> Result<Connection, Error> {
    let properties = ConnectionProperties::default().with_connection_name("leasehold".into());
    let caller = Caller::default();
    let line = Arc::clone(&caller.0);
    let runtime = runtime::default_runtime()?;
    let of_socket = runtime.clone();
    let dial = async move |uri: AMQPUri, _| {
        let plain = AMQPUri {
            scheme: AMQPScheme::AMQP,
            ..uri.clone()
        };
        let stream = plain.connect_async(&of_socket).await?;
        if let AsyncTcpStream::Plain(socket) = &stream {
            keep(&line, socket.get_ref())?;
        }
        Ok(match uri.scheme {
            AMQPScheme::AMQP => stream,
            AMQPScheme::AMQPS => {
                let host = &uri.authority.host;
                stream.into_tls(host, TLSConfig::default()).await?
            }
        })
    };
    let connection = Connection::connector(uri, runtime, dial, properties).await;
    caller.got_through();
    connection
}

#[derive(Debug)]
enum Line {
    Dialing,
    /// A second hold of the socket.
    Open(TcpStream),
    HungUp,
}

/// Hangs up when it goes.
#[derive(Debug)]
struct Caller(Arc<Mutex<Line>>);

impl Default for Caller {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Line::Dialing)))
    }
}

impl Caller {
    /// Leaves the socket to the client alone.
    fn got_through(&self) {
        *lock(&self.0) = Line::HungUp;
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        let line = std::mem::replace(&mut *lock(&self.0), Line::HungUp);
        if let Line::Open(socket) = line {
            // If that fails there is nothing to hang up any more.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

fn lock(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keep(line: &Mutex<Line>, socket: &tokio::net::TcpStream) -> io::Result<()> {
    let mut line = lock(line);
    if matches!(*line, Line::HungUp) {
        return Err(io::ErrorKind::TimedOut.into());
    }
    if let Some(socket) = second_hold(socket)? {
        *line = Line::Open(socket);
    }
    Ok(())
}

#[cfg(unix)]
fn second_hold(socket: &tokio::net::TcpStream) -> io::Result<Option<TcpStream>> {
    use std::os::fd::AsFd;
    Ok(Some(socket.as_fd().try_clone_to_owned()?.into()))
}

/// There it takes until the system gives up.
#[cfg(not(unix))]
fn second_hold(_: &tokio::net::TcpStream) -> io::Result<Option<TcpStream>> {
    Ok(None)
}
