//! The programs of the peers: where they are, or why they are not.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::catalogue::{Peer, Setting, peers};
use super::provision;
use crate::venue::Engine;

/// How a peer's program is started, before what it is asked for.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) file: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) version: String,
}

/// A peer that does not take part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Absence {
    pub(crate) name: String,
    pub(crate) reason: String,
}

/// Those that could be had.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    found: BTreeMap<&'static str, Arc<Program>>,
    pub(crate) absent: Vec<Absence>,
}

impl Programs {
    /// Installs and builds what is needed for those whose name has this text in it.
    pub(crate) fn provide(engines: &[Engine], text: Option<&str>) -> Result<Self> {
        let mut programs = Self::default();
        for peer in engines.iter().flat_map(|&engine| peers(engine)) {
            let known = programs.found.contains_key(peer.name)
                || programs
                    .absent
                    .iter()
                    .any(|absence| absence.name == peer.name);
            if known || !is_wanted(peer, text) {
                continue;
            }
            match provision::provide(peer.origin) {
                Ok(program) => {
                    programs.found.insert(peer.name, Arc::new(program));
                }
                Err(error) if peer.is_ours() => return Err(error),
                Err(error) => {
                    let reason = format!("{error:#}");
                    eprintln!("warning: {} does not take part: {reason}", peer.name);
                    let name = peer.name.to_owned();
                    programs.absent.push(Absence { name, reason });
                }
            }
        }
        Ok(programs)
    }

    /// The program of a peer, if there is one.
    pub(super) fn of(&self, peer: &Peer) -> Option<&Arc<Program>> {
        self.found.get(peer.name)
    }
}

/// Ours is beside whomever is looked at.
fn is_wanted(peer: &Peer, text: Option<&str>) -> bool {
    peer.is_ours() || text.is_none_or(|text| peer.name.contains(text))
}

/// What it is called in tables: with its setting, where there are several in a case.
pub(super) fn name(peer: &Peer, version: &str, setting: &Setting, alone: bool) -> String {
    let mut name = peer.name.to_owned();
    if !version.is_empty() {
        name.push_str(&format!(" {version}"));
    }
    if !alone {
        name.push_str(&format!(", {}", setting.name));
    }
    if !setting.remark.is_empty() {
        name.push_str(&format!(" ({})", setting.remark));
    }
    name
}

impl Program {
    pub(super) fn ours() -> Result<Self> {
        Ok(Self {
            file: std::env::current_exe()?,
            arguments: vec!["peer".into()],
            version: String::new(),
        })
    }
}
