//! What is read: files, and standard input, never more of them than is wanted.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use queue_ops::Exit;

use crate::answer::Failure;
use crate::output;

/// Contracts and contexts are written by people or by programs of theirs; larger ones are mistakes.
const LARGEST: usize = 64 * 1024 * 1024;

/// A text file, as far as it is one and not absurdly large.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    text_within(path, LARGEST)
}

/// A text file of this many bytes at most.
pub(crate) fn text_within(path: &Path, largest: usize) -> Result<String, Failure> {
    let bytes = file(path, largest)?;
    let name = path.display();
    if bytes.len() > largest {
        let message = format!("{name} is larger than {largest} bytes; give a smaller file");
        return Err(Failure::new(Exit::Data, message));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let message = format!("{name} is not UTF-8 at byte {at}; write JSON in UTF-8");
        Failure::new(Exit::Data, message)
    })
}

/// A document from a file or from standard input; if it is longer, one byte more than the limit.
pub(crate) fn document(path: Option<&PathBuf>, limit: usize) -> Result<Vec<u8>, Failure> {
    match path {
        Some(path) if path.as_os_str() != "-" => file(path, limit),
        _ => {
            let stdin = io::stdin();
            if stdin.is_terminal() {
                output::say("reading the document from standard input; Ctrl-D ends it");
            }
            beginning(stdin.lock(), limit).map_err(|error| {
                let message = format!("standard input cannot be read: {error}");
                Failure::new(Exit::Input, message)
            })
        }
    }
}

fn file(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let read = File::open(path).and_then(|file| beginning(file, limit));
    read.map_err(|error| {
        let message = format!("{} cannot be read: {error}", path.display());
        Failure::new(Exit::Input, message)
    })
}

fn beginning(from: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    from.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_more_than_the_limit_is_read() {
        assert_eq!(beginning(io::repeat(b'x'), 10).unwrap().len(), 11);
        assert_eq!(beginning(&b"short"[..], 10).unwrap(), b"short");
        assert_eq!(beginning(&b"short"[..], usize::MAX).unwrap(), b"short");
    }
}
