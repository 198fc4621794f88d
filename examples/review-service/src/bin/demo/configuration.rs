//! The configurations, as somebody who runs the service would write them; only the waits are shorter.

use anyhow::Result;
use review_service::stand_in::changes::ALLOWED;
use review_service::stand_in::p4::Depot;

use crate::folder::Folder;
use crate::place::{Place, URL};
use crate::ports::Ports;
use crate::roles::Role;

/// The library's file, in the folder.
pub(crate) const LIBRARY: &str = "leasehold.toml";
/// The service's.
pub(crate) const SERVICE: &str = "review.toml";

/// Writes both files.
pub(crate) fn write(folder: &Folder, place: &Place, depot: &Depot, ports: &Ports) -> Result<()> {
    let (key, value) = place.configured(folder);
    let value = text(&value);
    let (mail, health) = (ports.mail, ports.health);
    let library = format!(
        "[database]\n{key} = {value}\n\n\
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
         [depot]\nexecutable = {}\nport = {}\ntimeout = \"3s\"\n\n\
         [model]\nendpoint = \"http://{}/v1/chat/completions\"\nmodel = \"stand-in\"\ntimeout = \"3s\"\n\n\
         [notice]\nfrom = \"Reviews <reviews@example.org>\"\n\n\
         [worker]\nconcurrency = 16\nsoft_stop = \"2s\"\n",
        ports.ingest,
        text(&folder.program(Role::P4).to_string_lossy()),
        text(&depot.port()),
        ports.model,
    );
    if place.schema.is_some() {
        folder.write_private(URL, &place.url)?;
    }
    folder.write(LIBRARY, &library)?;
    folder.write(SERVICE, &service)
}

/// As TOML has it.
fn text(text: &str) -> String {
    toml::Value::from(text).to_string()
}
