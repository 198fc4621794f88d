//! Finding what Postfix takes for root's rights where there are none.

use std::env;
use std::fmt;
use std::path::PathBuf;

use crate::account;

/// What of it is needed, and there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fakeroot {
    /// We are root: Postfix runs as it does elsewhere.
    Unneeded,
    /// We are not, and this is there.
    Found(PathBuf),
    /// We are not, and it is not there.
    Missing,
}

impl Fakeroot {
    pub(crate) fn find() -> Self {
        if account::is_root() {
            return Self::Unneeded;
        }
        let chosen = env::var_os("FAKED").filter(|value| !value.is_empty());
        let path = env::var_os("PATH").unwrap_or_default();
        let in_path = env::split_paths(&path).map(|folder| folder.join("faked-tcp"));
        let places = chosen.into_iter().map(PathBuf::from).chain(in_path);
        let mut places = places.chain([PathBuf::from("/usr/bin/faked-tcp")]);
        let found = places.find(|program| program.is_file());
        found.map_or(Self::Missing, Self::Found)
    }
}

impl fmt::Display for Fakeroot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unneeded => f.write_str("not needed: Postfix runs as root"),
            Self::Found(program) => write!(f, "{}", program.display()),
            Self::Missing => f.write_str("MISSING"),
        }
    }
}
