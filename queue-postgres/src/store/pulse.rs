//! What is asked every few seconds.

use std::time::Instant;

use queue_core::StoreError;

use crate::PostgresStore;
use crate::facts::PostgresPulse;
use crate::fault::Fault;
use crate::migrations::NEWEST;
use crate::ops::facts;
use crate::session::{Mode, Session, TRIES, pause};

impl PostgresStore {
    /// What may change at any time: whether it is still a primary that takes our writes, and for how long
    /// dead rows have been kept. Refused under another schema than this build's. One round trip, on a connection of the pool; the server
    /// looks at its list of sessions and slots and at no table but that of migrations, so that it costs
    /// the same however many jobs there are. Made to be asked every few seconds.
    ///
    /// ```
    /// use queue_postgres::PostgresStore;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let cluster = fixtures::postgres::PostgresCluster::start();
    /// # let url = cluster.create_database() + "&migrate=true";
    /// let store = PostgresStore::connect(&url).await.unwrap();
    /// let pulse = store.pulse().await.unwrap();
    /// assert!(!pulse.standby && !pulse.read_only);
    /// # });
    /// ```
    pub async fn pulse(&self) -> Result<PostgresPulse, StoreError> {
        let pulse = run!(self, "pulse", Read, |session| facts::pulse(session).await)?;
        if pulse.schema == NEWEST {
            return Ok(pulse);
        }
        Err(StoreError::SchemaMismatch {
            found: pulse.schema,
            supported: NEWEST,
        })
    }
}
