//! Whether the database answers, has our schema and can be written to, and who leads: a bid for each role is a
//! write, which a standby refuses.

use async_trait::async_trait;
use metrics::gauge;
use queue_core::StoreError;
use queue_ops::doctor;

use super::{Pass, Passed};
use crate::leadership::Role;
use crate::scene::Scene;

/// What grows while somebody keeps a transaction open.
fn gauge(pulse: &doctor::Pulse) {
    match pulse {
        doctor::Pulse::Sqlite(pulse) => {
            let pages = u32::try_from(pulse.wal_pages).unwrap_or(u32::MAX);
            gauge!("leasehold_wal_pages").set(pages);
        }
        doctor::Pulse::Postgres(pulse) => {
            let seconds = pulse.horizon_seconds.unwrap_or_default();
            gauge!("leasehold_db_horizon_age_seconds").set(seconds);
        }
        _ => {}
    }
}

#[derive(Debug)]
pub(super) struct Pulse;

#[async_trait]
impl Pass for Pulse {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        // A server that hangs refuses nothing: that nothing is heard is heard here, when it is not ready any more.
        let patience = scene.settings().pulse_counts_for();
        let heard = tokio::time::timeout(patience, ask(scene)).await;
        heard.unwrap_or_else(|_| {
            Err(StoreError::Unavailable {
                operation: "a pulse",
                detail: format!("no answer within {} s", patience.as_secs()),
                cause: None,
            })
        })
    }
}

async fn ask(scene: &Scene) -> Result<Passed, StoreError> {
    for role in Role::ALL {
        scene.bid(role).await?;
    }
    if let Some(backend) = &scene.backend {
        gauge(&backend.pulse().await?);
        scene.moved();
    }
    Ok(Passed::rows(Role::ALL.len()))
}
