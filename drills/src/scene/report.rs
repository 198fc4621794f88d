//! A report that reads the database in one transaction, and does not come to its end.

use std::process::ExitCode;

use queue_sqlite::rusqlite::{Connection, OpenFlags};

/// The program: the file is its argument.
pub(crate) fn run(words: &[String]) -> ExitCode {
    let reading = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = Connection::open_with_flags(&words[0], reading).unwrap();
    connection
        .execute_batch("BEGIN; SELECT count(*) FROM leasehold_job;")
        .unwrap();
    eprintln!("reading");
    loop {
        std::thread::park();
    }
}
