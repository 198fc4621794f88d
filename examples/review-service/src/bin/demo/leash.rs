//! Every process ends with the demonstration, also where that is killed and can end nobody any more.

use std::io::{self, Read};
use std::process::{Command, Stdio};

use queue_ops::Exit;

/// Says to a process that its standard input is the leash: whoever starts one of them by hand has another there.
const LEASHED: &str = "DEMO_LEASH";

/// Puts it on. The other end is the child's `stdin` here, which the system lets go of when this process ends.
pub(crate) fn put_on(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::piped()).env(LEASHED, "stdin")
}

/// What the process does that wears it: it ends at once when nobody holds it.
pub(crate) fn wear() -> io::Result<()> {
    if std::env::var_os(LEASHED).is_none() {
        return Ok(());
    }
    std::thread::Builder::new()
        .name("leash".to_owned())
        .spawn(|| {
            // Nobody writes: it is read to the end, or cannot be.
            let _ = io::stdin().lock().read_to_end(&mut Vec::new());
            std::process::exit(Exit::Terminated.code().into())
        })
        .map(drop)
}
