//! `leasehold audit keygen`

use std::path::PathBuf;

use clap::Args;
use queue_core::channel::SecretSource;
use queue_ops::{AuditKey, Exit};

use crate::answer::{Answer, Failure};
use queue_ops::Draft;

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

pub(super) fn run(options: &Keygen) -> Result<Answer, Failure> {
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
    let (name, id) = (options.out.display(), key.public().id());
    Ok(Answer::done("").note(format!(
        "key {id}: {name} signs, {} checks",
        public_path.display()
    )))
}
