//! Data on stdout, prose on stderr.

use std::io::{self, ErrorKind, IsTerminal, Write};

use serde::Serialize;

use crate::arguments::Layout;
use crate::exit::{Answer, Exit, Failure};

/// Writes an answer, and ends with its code.
pub(crate) fn give(answer: &Answer) -> Exit {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(&answer.text).and_then(|()| stdout.flush()) {
        Ok(()) => answer.exit,
        // Who reads has seen enough, as `head` does. What became of the document is still true.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => answer.exit,
        Err(error) => tell(&Failure::new(
            Exit::Output,
            format!("the output cannot be written: {error}"),
        )),
    }
}

/// Tells of a failure, and ends with its code.
pub(crate) fn tell(failure: &Failure) -> Exit {
    say(&format!("error: {}", failure.message));
    failure.exit
}

/// A line of prose. Whoever closed stderr does not want it.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A value as JSON: in lines for people, in one line for programs, unless told otherwise.
pub(crate) fn json(value: &impl Serialize, layout: Layout) -> Result<Vec<u8>, Failure> {
    let pretty = layout.pretty || (!layout.compact && io::stdout().is_terminal());
    let written = if pretty {
        serde_json::to_vec_pretty(value)
    } else {
        serde_json::to_vec(value)
    };
    let mut text = written.map_err(|error| {
        Failure::new(Exit::Internal, format!("the answer is not JSON: {error}"))
    })?;
    if !pretty {
        // Of a document that is kept as it is written. Inside of texts JSON has no ends of lines.
        for byte in &mut text {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
    text.push(b'\n');
    Ok(text)
}
