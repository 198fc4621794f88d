//! `leasehold audit keygen`

use std::path::PathBuf;

use clap::Args;
use queue_core::channel::SecretSource;
use queue_ops::{AuditKey, Draft, Exit};
use serde::Serialize;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Sheet};

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  leasehold audit keygen --out audit.pem

The key that signs is written to audit.pem, for its owner only, the one that checks to audit.pem.pub. Keep
the first where those who can write to the database cannot read it.")]
pub(crate) struct Keygen {
    /// The file for the key; the public one gets .pub behind the name
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// A key and where it is; nothing of it but its name.
#[derive(Debug, Serialize)]
struct KeyItem {
    key: String,
    file: String,
    public_file: String,
}

pub(super) fn run(desk: &Desk, options: &Keygen) -> Result<Answer, Failure> {
    let internal = |error: &dyn std::fmt::Display| Failure::new(Exit::Internal, error.to_string());
    let key = AuditKey::generate();
    let mut name = options.out.clone().into_os_string();
    name.push(".pub");
    let public_path = PathBuf::from(name);
    let mut secret = Draft::begin(&options.out)?;
    let mut public = Draft::begin(&public_path)?.public()?;
    let pem = key.to_pem().map_err(|error| internal(&error))?;
    secret.write(secrecy::ExposeSecret::expose_secret(&pem))?;
    public.write(&key.public().to_pem())?;
    secret.finish()?;
    public.finish()?;
    // As it will be read.
    let source = SecretSource::File(options.out.clone());
    AuditKey::read(&source).map_err(|error| internal(&error))?;
    let item = KeyItem {
        key: key.public().id(),
        file: options.out.display().to_string(),
        public_file: public_path.display().to_string(),
    };
    let answer = report::show(desk, desk.style, "audit keygen", &item, &Sheet::default())?;
    Ok(answer.note(format!(
        "key {}: {} signs, {} checks",
        item.key, item.file, item.public_file
    )))
}
