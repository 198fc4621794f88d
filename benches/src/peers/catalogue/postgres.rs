//! On Postgres.

use super::{Books, Origin, Peer, Setting, TWO};

macro_rules! awa_done {
    () => {
        "SELECT (SELECT count(*) FROM awa.done_entries WHERE state = 'completed')
              + (SELECT coalesce(sum(completed_count), 0) FROM awa.receipt_completion_batches)
              + (SELECT coalesce(sum(pruned_completed_count), 0) FROM awa.queue_terminal_rollups)::bigint"
    };
}

const GRAPHILE: Books = Books {
    left: "SELECT count(*) FROM graphile_worker._private_jobs",
    done: None,
};

/// It empties its segments of the queue in turn, and keeps a sum of the jobs that were finished there; `awa.jobs` shows
/// neither those nor the claims that are told by the hundred. What came is what its sequences gave a place to.
const AWA: Books = Books {
    left: concat!(
        "SELECT (SELECT coalesce(sum(awa.sequence_next_value(seq_name) - 1), 0) FROM awa.queue_enqueue_heads)::bigint - (",
        awa_done!(),
        ")"
    ),
    done: Some(awa_done!()),
};

pub(super) const PEERS: &[Peer] = &[
    Peer {
        name: "Leasehold",
        origin: Origin::Ours,
        settings: &[
            Setting::postgres("default", true),
            Setting::postgres("best", false),
        ],
        books: Books {
            left: "SELECT count(*) FROM leasehold.job",
            done: Some("SELECT count(*) FROM leasehold.history WHERE state = 4"),
        },
        shares: true,
    },
    Peer {
        name: "graphile_worker (Rust)",
        origin: Origin::Rust("graphile_worker"),
        settings: TWO,
        books: GRAPHILE,
        shares: true,
    },
    Peer {
        name: "apalis-postgres",
        origin: Origin::Rust("apalis-postgres"),
        settings: TWO,
        books: Books {
            left: "SELECT count(*) FROM apalis.jobs WHERE status <> 'Done'",
            done: Some("SELECT count(*) FROM apalis.jobs WHERE status = 'Done'"),
        },
        shares: true,
    },
    Peer {
        name: "underway",
        origin: Origin::Rust("underway"),
        settings: TWO,
        books: Books {
            left: "SELECT count(*) FROM underway.task WHERE state <> 'succeeded'",
            done: Some("SELECT count(*) FROM underway.task WHERE state = 'succeeded'"),
        },
        shares: true,
    },
    Peer {
        name: "awa",
        origin: Origin::Rust("awa"),
        settings: TWO,
        books: AWA,
        shares: true,
    },
    Peer {
        name: "riverqueue",
        origin: Origin::Rust("riverqueue"),
        settings: TWO,
        books: Books {
            left: "SELECT count(*) FROM river_job WHERE state <> 'completed'",
            done: Some("SELECT count(*) FROM river_job WHERE state = 'completed'"),
        },
        shares: true,
    },
    Peer {
        name: "graphile-worker (Node)",
        origin: Origin::Node("graphile-worker", "graphile-worker"),
        settings: TWO,
        books: GRAPHILE,
        shares: true,
    },
    Peer {
        name: "pg-boss",
        origin: Origin::Node("pg-boss", "pg-boss"),
        settings: TWO,
        books: Books {
            left: "SELECT count(*) FROM pgboss.job WHERE name = 'no_op' AND state <> 'completed'",
            done: Some(
                "SELECT count(*) FROM pgboss.job WHERE name = 'no_op' AND state = 'completed'",
            ),
        },
        shares: true,
    },
    Peer {
        name: "procrastinate",
        origin: Origin::Python("procrastinate_peer", "procrastinate"),
        settings: TWO,
        books: Books {
            left: "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded'",
            done: Some("SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'"),
        },
        shares: true,
    },
    Peer {
        name: "oban",
        origin: Origin::Python("oban_peer", "oban"),
        settings: TWO,
        books: Books {
            left: "SELECT count(*) FROM oban_jobs WHERE state <> 'completed'",
            done: Some("SELECT count(*) FROM oban_jobs WHERE state = 'completed'"),
        },
        shares: true,
    },
];
