//! On SQLite.

use peer_protocol::Synchronous::{Full, Normal};

use super::{Books, Origin, Peer, Setting};

pub(super) const PEERS: &[Peer] = &[
    Peer {
        name: "Leasehold",
        origin: Origin::Ours,
        settings: &[
            Setting::sqlite("default", Full, true),
            Setting::sqlite("best", Full, false),
            Setting::sqlite("default", Normal, true),
            Setting::sqlite("best", Normal, false),
        ],
        books: Books {
            left: "SELECT count(*) FROM leasehold_job",
            done: Some("SELECT count(*) FROM leasehold_history WHERE state = 4"),
        },
        shares: true,
    },
    Peer {
        name: "effectum",
        origin: Origin::Rust("effectum"),
        settings: &[
            Setting::sqlite("best", Normal, true).with_remark("file put in WAL by hand"),
            Setting::sqlite("default", Normal, true).with_remark("rollback journal"),
        ],
        books: Books {
            left: "SELECT count(*) FROM jobs WHERE status IS NOT 'succeeded'",
            done: Some("SELECT count(*) FROM jobs WHERE status = 'succeeded'"),
        },
        // It takes what another process runs for lost when it is opened.
        shares: false,
    },
    Peer {
        name: "honker",
        origin: Origin::Rust("honker"),
        settings: &[
            Setting::sqlite("best", Full, true).with_remark("no worker: claims and acknowledges"),
            Setting::sqlite("best", Normal, true).with_remark("no worker: claims and acknowledges"),
            Setting::sqlite("default", Normal, false),
        ],
        books: Books {
            left: "SELECT (SELECT count(*) FROM _honker_live) + (SELECT count(*) FROM _honker_dead)",
            done: None,
        },
        shares: true,
    },
    Peer {
        name: "apalis-sqlite",
        origin: Origin::Rust("apalis-sqlite"),
        settings: &[
            Setting::sqlite("best", Full, true),
            Setting::sqlite("default", Full, false),
        ],
        books: Books {
            left: "SELECT count(*) FROM Jobs WHERE status <> 'Done'",
            done: Some("SELECT count(*) FROM Jobs WHERE status = 'Done'"),
        },
        shares: true,
    },
    Peer {
        name: "riverqueue",
        origin: Origin::Rust("riverqueue"),
        settings: &[
            Setting::sqlite("best", Full, true),
            Setting::sqlite("default", Full, false),
            Setting::sqlite("best", Normal, true),
        ],
        books: Books {
            left: "SELECT count(*) FROM river_job WHERE state <> 'completed'",
            done: Some("SELECT count(*) FROM river_job WHERE state = 'completed'"),
        },
        shares: true,
    },
];
