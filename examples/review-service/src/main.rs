//! `review-service`; `review-service --help` says how to run it.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A panic would end with a code that no page tells of; its message is on stderr already.
    let ended = std::panic::catch_unwind(review_service::run_program);
    ended.unwrap_or(queue_ops::Exit::Internal).into()
}
