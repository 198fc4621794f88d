//! `leasehold backup`

mod copy;
mod programs;
mod server;

use std::path::PathBuf;

use clap::Args;
use queue_ops::Backing;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold backup --out /backup/jobs.db --database sqlite:/var/lib/app/jobs.db
  leasehold backup --out app.dump --database postgres://ops@db/app

SQLite: copies the file while services go on, into a file that is there whole and checked, or not
at all, and that its owner alone can read. It holds what was committed when it began, whatever
version the schema has. Postgres: writes nothing, but says what to run here, and whether the
programs are there.

A backup is not in the audit trail: who can read the database can copy it without this command.")]
pub(crate) struct Backup {
    /// The file to write; for Postgres, the one that the commands are to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Put it in the place of a file that is there
    #[arg(long)]
    force: bool,
}

pub(crate) async fn run(desk: &Desk, options: &Backup) -> Result<Answer, Failure> {
    if options.out.as_os_str() == "-" {
        return Err(Failure::usage(
            "a backup is checked where it lies, and goes to no pipe: give the name of a file by --out",
        ));
    }
    match desk.database()?.backing() {
        Backing::File(file) => copy::run(desk, options, &file).await,
        Backing::Server(server) => server::run(desk, options, &server).await,
    }
}
