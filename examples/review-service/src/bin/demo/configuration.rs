//! The configurations, as somebody who runs the service would write them; only the waits are shorter.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use review_service::stand_in::changes::ALLOWED;
use review_service::stand_in::p4::Depot;

use crate::folder::Folder;
use crate::ports::Ports;
use crate::roles::Role;

/// The library's file, in the folder.
pub(crate) const LIBRARY: &str = "leasehold.toml";
/// The service's.
pub(crate) const SERVICE: &str = "review.toml";

/// The database's URL: the file in the folder, or a schema of its own in the database that was named.
pub(crate) fn url(folder: &Folder, store: Option<&str>) -> String {
    let Some(store) = store else {
        return format!("sqlite:{}", folder.file("jobs.db").display());
    };
    let named = store.split_once('?').is_some_and(|(_, parameters)| {
        parameters
            .split('&')
            .any(|parameter| parameter.starts_with("schema="))
    });
    if named {
        return store.to_owned();
    }
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mark = if store.contains('?') { '&' } else { '?' };
    format!("{store}{mark}schema=leasehold_demo_{}", since.as_millis())
}

/// Writes both files.
pub(crate) fn write(folder: &Folder, url: &str, depot: &Depot, ports: &Ports) -> Result<()> {
    let (mail, health) = (ports.mail, ports.health);
    let library = format!(
        "[database]\nurl = {url:?}\n\n\
         [log]\nlevel = \"info,sqlx=error\"\n\n\
         [sweeper]\nleases_every = \"1s\"\ndoubts_every = \"1s\"\nlog_every = \"10s\"\nstop_timeout = \"5s\"\n\n\
         [http]\nlisten = \"{health}\"\n\n\
         [delivery]\ngrace = \"2s\"\nreconcile_every = \"1s\"\n\n\
         # A mail that was under way when its sender was killed is sent again, perhaps twice: the demonstration is to\n\
         # come to its end without an operator. The default is to hold it for one.\n\
         [channels.mail]\ntype = \"smtp\"\nhost = \"{}\"\nport = {}\ntls = \"none\"\nsender = \"bounces@example.org\"\n\
         doubt = \"resend\"\nlease = \"5s\"\nretry_base = \"200ms\"\nretry_cap = \"2s\"\nbreaker_first = \"200ms\"\n\
         breaker_most = \"1s\"\n",
        mail.ip(),
        mail.port(),
    );
    let service = format!(
        "leasehold = \"{LIBRARY}\"\n\n\
         [ingest]\nlisten = \"{}\"\n\n\
         [allow_list]\nprefixes = {ALLOWED:?}\n\n\
         [depot]\nexecutable = {:?}\nport = {:?}\ntimeout = \"3s\"\n\n\
         [model]\nendpoint = \"http://{}/v1/chat/completions\"\nmodel = \"stand-in\"\ntimeout = \"3s\"\n\n\
         [notice]\nfrom = \"Reviews <reviews@example.org>\"\n\n\
         [worker]\nconcurrency = 16\nsoft_stop = \"2s\"\n",
        ports.ingest,
        folder.program(Role::P4),
        depot.port(),
        ports.model,
    );
    fs::write(folder.file(LIBRARY), library)?;
    fs::write(folder.file(SERVICE), service)?;
    Ok(())
}
