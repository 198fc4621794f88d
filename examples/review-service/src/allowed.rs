//! The allow-list in force, and its history in the audit trail.

use std::sync::{Arc, PoisonError, RwLock};

use queue_core::{Act, Actor, AuditFilter, AuditPage, Cause, ServiceAct, Store, StoreError};
use serde::Deserialize;
use serde_json::json;

use crate::allow_list::{AllowList, Difference};

/// What a load is on record as.
pub const LOADED: &str = "review.allow_list.load";
/// What it is done to.
const TARGET: &str = "allow_list:review";

/// The list that holds now: one for all that ask, exchanged as a whole.
#[derive(Debug, Clone)]
pub struct Allowed(Arc<RwLock<Arc<AllowList>>>);

impl Allowed {
    /// That one, for now.
    #[must_use]
    pub fn new(list: AllowList) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(list))))
    }

    /// The list as it is now. Whoever looks at several paths of one change asks once.
    #[must_use]
    pub fn list(&self) -> Arc<AllowList> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another in force, once it is on record what changed, who says so and why: a list that cannot be
    /// recorded does not come into force.
    pub async fn load(
        &self,
        list: AllowList,
        store: &dyn Store,
        act: &Act,
    ) -> Result<Difference, Cause> {
        let difference = record(&list, store, act).await?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(list);
        Ok(difference)
    }
}

/// Writes down by what the list differs from the last one on record; nothing if it does not.
pub async fn record(list: &AllowList, store: &dyn Store, act: &Act) -> Result<Difference, Cause> {
    let before = last(store).await?;
    let difference = list.difference(&before);
    if difference.is_empty() {
        return Ok(difference);
    }
    let entries: Vec<&str> = list.entries().collect();
    let detail = json!({
        "digest": list.digest(),
        "added": difference.added,
        "removed": difference.removed,
        "entries": entries,
    });
    let own = ServiceAct::new(LOADED, TARGET, &detail)?;
    store.record(&own, act).await?;
    Ok(difference)
}

/// What this process does to the list by itself.
pub fn act_of(reason: &str) -> Result<Act, Cause> {
    // As what user it runs; a container may have no name for that.
    let actor = match queue_ops::actor(None) {
        Ok(user) => Actor::new(format!("review-service, as {user}"))?,
        Err(_) => Actor::new("review-service")?,
    };
    Ok(Act::new(actor, reason))
}

#[derive(Deserialize)]
struct Recorded {
    entries: Vec<String>,
}

/// The entries of the last list on record; none before the first.
async fn last(store: &dyn Store) -> Result<Vec<String>, StoreError> {
    let filter = AuditFilter {
        target: Some(TARGET.to_owned()),
        action: Some(LOADED.to_owned()),
        ..AuditFilter::default()
    };
    let mut page = AuditPage::newest(1)?;
    loop {
        let list = store.audit(&filter, page).await?;
        if let Some(record) = list.records.first() {
            let recorded: Result<Recorded, _> = serde_json::from_str(&record.entry.detail);
            // Whoever wrote something else there: then everything counts as new.
            return Ok(recorded.map(|it| it.entries).unwrap_or_default());
        }
        match list.next {
            Some(next) => page = page.behind(next),
            None => return Ok(Vec::new()),
        }
    }
}
