//! Rows that are left alone for a while, since each of them failed by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::{JobStore, StoreError, Timestamp};

/// It is remembered by whoever sweeps: another process, and this one after its start, tries them once more.
#[derive(Debug, Clone)]
pub(crate) struct Aside<K> {
    rest: Duration,
    /// Until when, by the database's clock.
    rows: BTreeMap<K, Timestamp>,
}

impl<K: Ord> Aside<K> {
    pub(crate) fn new(rest: Duration) -> Self {
        Self {
            rest,
            rows: BTreeMap::new(),
        }
    }

    pub(crate) fn rest(&mut self, rest: Duration) {
        self.rest = rest;
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn has(&self, row: &K) -> bool {
        self.rows.contains_key(row)
    }

    /// Forgets those that have rested.
    pub(crate) async fn wake<S: JobStore + ?Sized>(&mut self, store: &S) -> Result<(), StoreError> {
        if !self.rows.is_empty() {
            let now = store.now().await?;
            self.rows.retain(|_, until| *until > now);
        }
        Ok(())
    }

    /// Leaves these alone from now on.
    pub(crate) async fn put<S: JobStore + ?Sized>(
        &mut self,
        store: &S,
        rows: Vec<K>,
    ) -> Result<(), StoreError> {
        if !rows.is_empty() {
            let until = store.now().await? + self.rest;
            self.rows.extend(rows.into_iter().map(|row| (row, until)));
        }
        Ok(())
    }
}
