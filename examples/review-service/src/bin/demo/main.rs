//! The demonstration. All its processes are this executable, in different roles.

use std::process::ExitCode;

use review_service::stand_in::p4;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if p4::is_called(arguments.first()) {
        let words = arguments
            .iter()
            .skip(1)
            .map(|word| word.to_string_lossy().into_owned());
        return p4::main(&words.collect::<Vec<_>>());
    }
    ExitCode::FAILURE
}
