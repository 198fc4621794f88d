//! The account that private test clusters run as.

use std::fmt;
use std::process::Command;

/// Postgres refuses to run as root, so root needs someone else to run it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// We are not root: clusters run as ourselves.
    Own,
    /// We are root: clusters run as this account.
    Other(&'static str),
    /// We are root and there is nobody else.
    Missing,
}

impl Account {
    pub(crate) fn find() -> Self {
        if !is_root() {
            return Self::Own;
        }
        // Debian's package brings `postgres`; where the binaries came otherwise, `nobody` does.
        let known = |name: &&str| user_id(&[name]).is_some();
        ["postgres", "nobody"]
            .into_iter()
            .find(known)
            .map_or(Self::Missing, Self::Other)
    }
}

/// Whether this process is root.
pub(crate) fn is_root() -> bool {
    user_id(&[]).is_some_and(|id| id == "0")
}

fn user_id(name: &[&str]) -> Option<String> {
    let output = Command::new("id").arg("-u").args(name).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => f.write_str("your own"),
            Self::Other(name) => write!(f, "{name} (Postgres refuses to run as root)"),
            Self::Missing => f.write_str("MISSING, Postgres refuses to run as root"),
        }
    }
}
