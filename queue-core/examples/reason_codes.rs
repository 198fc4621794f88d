//! The catalogue of codes, for `cargo xtask docs`: the page, or with `--release` what a release keeps
//! of it, or with `--json` all of it.

use std::io::{self, Write};
use std::process::ExitCode;

use queue_core::catalogue::{Released, page, to_json};

fn main() -> io::Result<ExitCode> {
    let argument = std::env::args().nth(1);
    let text = match argument.as_deref() {
        None => page(),
        Some("--release") => Released::current().to_json(),
        Some("--json") => to_json(),
        Some(other) => {
            eprintln!("there is no `{other}`: pass nothing, --release or --json");
            return Ok(ExitCode::FAILURE);
        }
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
