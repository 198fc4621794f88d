//! A question to the daemon.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::PATIENCE;

/// Status and body; status 0 where nobody answers.
pub(crate) fn get(socket: &Path, path: &str) -> (u16, String) {
    let Ok(mut stream) = UnixStream::connect(socket) else {
        return (0, String::new());
    };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
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
