//! Who takes part, and with which settings. What the settings are is in the peers' own programs, and
//! in words in benches/peers/README.md.

mod postgres;
mod sqlite;

use peer_protocol::Synchronous;

use crate::venue::Engine;

/// A queue.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) origin: Origin,
    pub(crate) settings: &'static [Setting],
    pub(crate) books: Books,
    /// Whether two processes may work on one queue.
    pub(crate) shares: bool,
}

/// Where its program comes from, by the folder or the file in benches/peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This program.
    Ours,
    /// A package of Rust; its program has the folder's name with `peer-` in front.
    Rust(&'static str),
    /// A program for Node, and the package whose version counts.
    Node(&'static str, &'static str),
    /// A program for Python, and the package whose version counts.
    Python(&'static str, &'static str),
}

/// How it is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// What its program calls this.
    pub(crate) name: &'static str,
    /// Of SQLite.
    pub(crate) synchronous: Option<Synchronous>,
    /// Whether it differs from the peer's other settings in what it does to enqueue, or is the one
    /// of those that do not differ which stands for all.
    pub(crate) enqueues: bool,
    /// What a reader must know of it.
    pub(crate) remark: &'static str,
}

/// Counting its jobs by SQL that is not its own.
#[derive(Debug)]
pub(crate) struct Books {
    /// Those that are not done: waiting, running, failed.
    pub(crate) left: &'static str,
    /// Those that are; nothing where a job that is done is deleted.
    pub(crate) done: Option<&'static str>,
}

impl Setting {
    const fn postgres(name: &'static str, enqueues: bool) -> Self {
        Self {
            name,
            synchronous: None,
            enqueues,
            remark: "",
        }
    }

    const fn sqlite(name: &'static str, synchronous: Synchronous, enqueues: bool) -> Self {
        Self {
            name,
            synchronous: Some(synchronous),
            enqueues,
            remark: "",
        }
    }

    const fn with_remark(mut self, remark: &'static str) -> Self {
        self.remark = remark;
        self
    }
}

/// What most on Postgres have: settings that differ for the worker only.
const TWO: &[Setting] = &[
    Setting::postgres("best", true),
    Setting::postgres("default", false),
];

/// All of a database, ours first.
pub(crate) fn peers(engine: Engine) -> &'static [Peer] {
    match engine {
        Engine::Postgres => postgres::PEERS,
        Engine::Sqlite => sqlite::PEERS,
    }
}

impl Peer {
    pub(crate) fn is_ours(&self) -> bool {
        self.origin == Origin::Ours
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_peer_has_its_best_and_its_default_setting_and_one_that_enqueues() {
        for peer in Engine::ALL.into_iter().flat_map(peers) {
            let has = |name| peer.settings.iter().any(|setting| setting.name == name);
            assert!(has("best") && has("default"), "{}", peer.name);
            assert!(peer.settings.iter().any(|s| s.enqueues), "{}", peer.name);
        }
    }

    #[test]
    fn the_readme_has_a_line_about_every_peer() {
        let folder = crate::plan::workspace().join("benches/peers");
        let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
        for peer in Engine::ALL.into_iter().flat_map(peers) {
            let line = format!("| {} ", peer.name);
            assert!(readme.contains(&line), "{}", peer.name);
        }
    }
}
