//! Where the servers listen: each where nobody else does, and there again when it is started again.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use serde::{Deserialize, Serialize};

/// An address for each.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Ports {
    pub(crate) ingest: SocketAddr,
    pub(crate) model: SocketAddr,
    pub(crate) mail: SocketAddr,
    pub(crate) health: SocketAddr,
}

impl Ports {
    /// Four that are free now.
    pub(crate) fn free() -> std::io::Result<Self> {
        // Held until all are chosen, so that no two are the same.
        let held = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let (ingest, model, mail, health) = (held()?, held()?, held()?, held()?);
        Ok(Self {
            ingest: ingest.local_addr()?,
            model: model.local_addr()?,
            mail: mail.local_addr()?,
            health: health.local_addr()?,
        })
    }
}
