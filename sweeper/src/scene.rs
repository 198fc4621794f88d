//! What a pass works with.

use std::sync::Arc;

use queue_core::{AuditFault, Store, StoreError};
use queue_ops::Backend;
use tokio_util::sync::CancellationToken;

use crate::figures::Figures;
use crate::leadership::{Leadership, Role};
use crate::loops::LoopName;
use crate::settings::{Settings, SettingsWatch};
use crate::state::State;

/// The store, and everything around it that a loop reads or reports to.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) state: Arc<State>,
    pub(crate) leadership: Arc<Leadership>,
    pub(crate) settings: SettingsWatch,
    /// What only its kind of database tells; none in memory.
    pub(crate) backend: Option<Backend>,
    pub(crate) stop: CancellationToken,
    /// Every loop once: there is nobody to wait for.
    pub(crate) once: bool,
    /// Whose it is.
    pub(crate) of: LoopName,
}

impl Scene {
    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.borrow())
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// The database has answered.
    pub(crate) fn moved(&self) {
        self.state.moved(self.of);
    }

    /// Whether this process is to act. Whoever runs once is: what another has done is found done.
    pub(crate) async fn leads(&self, role: Role) -> Result<bool, StoreError> {
        if self.once {
            return Ok(true);
        }
        if self.leadership.leads(role).is_none() {
            self.bid(role).await?;
        }
        Ok(self.leadership.leads(role).unwrap_or(false))
    }

    /// Takes or renews a role, or learns who has it.
    pub(crate) async fn bid(&self, role: Role) -> Result<(), StoreError> {
        let lease = self.settings().sweeper.leader_lease.get();
        self.leadership.bid(&*self.store, lease, role).await?;
        self.moved();
        Ok(())
    }

    pub(crate) fn set_aside(&self, rows: usize) {
        self.state.set_aside(self.of, rows);
    }

    pub(crate) fn measured(&self, figures: Figures) {
        self.state.measured(figures);
    }

    pub(crate) fn audited(&self, verified: i64, fault: Option<&AuditFault>) {
        self.state.audited(verified, fault);
    }
}
