//! What the process ends with.

use std::process::ExitCode;

/// The exit codes, from 64 on those of sysexits.h. docs/reference/cli.md tells of them too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; a document was accepted.
    Done = 0,
    /// A document was rejected.
    Rejected = 2,
    /// The command line is not one.
    Usage = 64,
    /// A contract or a context is not valid.
    Data = 65,
    /// A file cannot be read.
    Input = 66,
    /// Leasehold is at fault.
    Internal = 70,
    /// The output cannot be written.
    Output = 74,
}

/// They stand below the help of every command.
pub(crate) const CODES: &str = "\
Exit codes:
   0  done; the document was accepted, with or without repairs
   2  the document was rejected
  64  the command line is not valid, or there is no such reason code
  65  the contract or the context is not valid
  66  a file cannot be read
  70  an internal error
  74  the output cannot be written; a closed pipe is no error";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do what it was asked, and the code that says so.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// What is wrong and what to write instead.
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
        }
    }
}

/// What a command says on stdout, and what the process ends with if it could be said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) exit: Exit,
    pub(crate) text: Vec<u8>,
}

impl Answer {
    pub(crate) fn done(text: impl Into<Vec<u8>>) -> Self {
        Self {
            exit: Exit::Done,
            text: text.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_told_of() {
        for exit in [
            Exit::Done,
            Exit::Rejected,
            Exit::Usage,
            Exit::Data,
            Exit::Input,
            Exit::Internal,
            Exit::Output,
        ] {
            let line = format!("\n  {:>2}  ", exit as u8);
            assert!(CODES.contains(&line), "{exit:?}");
            let page = include_str!("../../docs/reference/cli.md");
            assert!(page.contains(&format!("\n| {} |", exit as u8)), "{exit:?}");
        }
    }
}
