//! Installing Debian packages.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::{account, step};

/// Keeps Debian from setting up and starting a server of its own next to the private clusters of
/// the tests. A drop-in, so that the package's own file stays untouched; removed afterwards.
const NO_MAIN_CLUSTER: &str = "/etc/postgresql-common/createcluster.d/leasehold-tests.conf";

/// Debian starts what it installs unless this says no. One that is there already is somebody's
/// decision and stays.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// apt, and the right to use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Apt {
    /// We are root.
    Root,
    /// We are not, but sudo asks for no password.
    Sudo,
}

impl Apt {
    /// Apt if this is Debian or a relative of it, and we may install there.
    pub(crate) fn find() -> Option<Self> {
        if !succeeds("apt-get", &["--version"]) {
            None
        } else if account::is_root() {
            Some(Self::Root)
        } else if succeeds("sudo", &["-n", "true"]) {
            Some(Self::Sudo)
        } else {
            None
        }
    }

    /// The C compiler and the headers it needs.
    pub(crate) fn install_compiler(self) -> Result<()> {
        self.install(&["gcc", "libc6-dev"])
    }

    /// The Postgres server's binaries, without a running server.
    pub(crate) fn install_postgres(self) -> Result<()> {
        let folder = NO_MAIN_CLUSTER
            .rsplit_once('/')
            .map_or("/", |(folder, _)| folder);
        let setting = "create_main_cluster = false";
        self.shell(&format!(
            "mkdir -p {folder} && echo '{setting}' > {NO_MAIN_CLUSTER}"
        ))?;
        let installed = self.install(&["postgresql"]);
        self.shell(&format!("rm {NO_MAIN_CLUSTER}"))?;
        installed
    }

    /// PgBouncer's program, without a running service, now or after the next start of the machine.
    pub(crate) fn install_pgbouncer(self) -> Result<()> {
        self.shell("apt-get update --quiet")?;
        self.shell(&unstarted(POLICY, &get(&["pgbouncer"])))?;
        self.shell("update-rc.d pgbouncer disable")
    }

    /// What shows a program another clock than the host's.
    pub(crate) fn install_faketime(self) -> Result<()> {
        self.install(&["faketime"])
    }

    fn install(self, packages: &[&str]) -> Result<()> {
        self.shell("apt-get update --quiet")?;
        self.shell(&get(packages))
    }

    fn shell(self, script: &str) -> Result<()> {
        let mut command = match self {
            Self::Root => Command::new("sh"),
            Self::Sudo => {
                let mut sudo = Command::new("sudo");
                sudo.args(["-n", "sh"]);
                sudo
            }
        };
        step::finish("needs", command.args(["-c", script]).stdin(Stdio::null()))
    }
}

fn get(packages: &[&str]) -> String {
    // The setting belongs inside the shell: sudo drops the caller's environment.
    format!(
        "DEBIAN_FRONTEND=noninteractive \
         apt-get install --quiet --yes --no-install-recommends {}",
        packages.join(" ")
    )
}

/// Installs under a policy to start nothing: one shell, so that the policy goes however this ends.
fn unstarted(policy: &str, install: &str) -> String {
    format!(
        r"set -e
        if [ ! -e {policy} ]; then
            trap 'rm -f {policy}' EXIT
            trap 'exit 1' HUP INT TERM
            printf '#!/bin/sh\nexit 101\n' > {policy}
            chmod 755 {policy}
        fi
        {install}"
    )
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn status(script: &str) -> Option<i32> {
        let status = Command::new("sh").args(["-c", script]).status();
        status.unwrap().code()
    }

    #[test]
    fn the_policy_is_there_while_installing_and_not_after() {
        let root = TempDir::new().unwrap();
        let policy = root.path().join("policy-rc.d").display().to_string();
        // What the packages' scripts do: they ask it, and start nothing on 101.
        let asked = format!("{policy} && exit 3 || [ $? = 101 ]");
        assert_eq!(status(&unstarted(&policy, &asked)), Some(0));
        assert!(!fs::exists(&policy).unwrap());

        assert_eq!(status(&unstarted(&policy, "exit 100")), Some(100));
        assert!(!fs::exists(&policy).unwrap());
    }

    #[test]
    fn a_policy_of_somebody_else_stays() {
        let root = TempDir::new().unwrap();
        let policy = root.path().join("policy-rc.d");
        fs::write(&policy, "theirs").unwrap();
        let script = unstarted(&policy.display().to_string(), "true");
        assert_eq!(status(&script), Some(0));
        assert_eq!(fs::read_to_string(&policy).unwrap(), "theirs");
    }
}
