//! What the demonstration says.

use std::fmt::Display;
use std::io::{self, Write};

/// A line on standard output. Whoever stopped reading has seen enough: the demonstration goes on to its end, and stops
/// all that it started.
pub(crate) fn say(words: impl Display) {
    drop(writeln!(io::stdout(), "{words}"));
}
