//! The database server of a drill.

use std::ops::Deref;
use std::sync::OnceLock;

use fixtures::postgres::PostgresCluster;

/// As durable as in production, which `doctor` looks at.
#[derive(Debug)]
pub(crate) enum Server {
    /// For drills in which it is stopped, or everybody on it is concerned.
    Own(PostgresCluster),
    /// For all others of this process, each with a database of its own.
    Shared(&'static PostgresCluster),
}

impl Server {
    pub(super) fn start(is_alone: bool) -> Self {
        static SHARED: OnceLock<PostgresCluster> = OnceLock::new();
        match is_alone {
            true => Self::Own(PostgresCluster::start_durable()),
            false => Self::Shared(SHARED.get_or_init(PostgresCluster::start_durable)),
        }
    }
}

impl Deref for Server {
    type Target = PostgresCluster;

    fn deref(&self) -> &PostgresCluster {
        match self {
            Self::Own(cluster) => cluster,
            Self::Shared(cluster) => cluster,
        }
    }
}
