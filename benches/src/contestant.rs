//! Whoever takes turns in a case.

use std::fmt::Debug;

use anyhow::Result;
use async_trait::async_trait;

use crate::record::Sample;
use crate::venue::Place;

/// A way to do a workload.
#[async_trait]
pub(crate) trait Contestant: Debug + Send + Sync {
    /// Does it once in an empty database, checks what is stored afterwards, and says how long the
    /// measured part took.
    async fn run(&self, place: &Place) -> Result<Sample>;
}
