//! Data on stdout, prose on stderr.

use std::io::{self, ErrorKind, IsTerminal, Write};

use queue_ops::Exit;
use serde::Serialize;

use crate::answer::{Answer, Failure};
use crate::arguments::Layout;

/// Writes an answer, and ends with its code.
pub(crate) fn give(answer: &Answer) -> Exit {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(&answer.text).and_then(|()| stdout.flush());
    match written {
        Ok(()) => {}
        // Who reads has seen enough, as `head` does. What was done is still done.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return answer.exit,
        Err(error) => {
            return tell(&Failure::new(
                Exit::Output,
                format!("the output cannot be written: {error}"),
            ));
        }
    }
    for note in &answer.notes {
        say(note);
    }
    answer.exit
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
