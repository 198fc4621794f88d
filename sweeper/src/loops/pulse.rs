//! Whether the database answers and can be written to, and who leads: a bid for each role is a write, which a
//! standby refuses.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use metrics::gauge;
use queue_core::StoreError;
use queue_ops::doctor;

use super::{Pass, Passed};
use crate::leadership::Role;
use crate::scene::Scene;

/// Looking at the schema's version takes a connection of its own.
const SURVEY_EVERY: Duration = Duration::from_secs(60);

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

#[derive(Debug, Default)]
pub(super) struct Pulse {
    surveyed: Option<Instant>,
}

#[async_trait]
impl Pass for Pulse {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        for role in Role::ALL {
            scene.bid(role).await?;
        }
        if self
            .surveyed
            .is_none_or(|at| at.elapsed() >= SURVEY_EVERY || scene.is_once())
        {
            scene.check_schema().await?;
            scene.moved();
            self.surveyed = Some(Instant::now());
        }
        if let Some(backend) = &scene.backend {
            gauge(&backend.pulse().await?);
            scene.moved();
        }
        Ok(Passed::rows(Role::ALL.len()))
    }
}
