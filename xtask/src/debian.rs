//! Installing Debian packages.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::{account, step};

/// Keeps Debian from setting up and starting a server of its own next to the private clusters of
/// the tests. A drop-in, so that the package's own file stays untouched; removed afterwards.
const NO_MAIN_CLUSTER: &str = "/etc/postgresql-common/createcluster.d/leasehold-tests.conf";

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

    fn install(self, packages: &[&str]) -> Result<()> {
        self.shell("apt-get update --quiet")?;
        // The setting belongs inside the shell: sudo drops the caller's environment.
        self.shell(&format!(
            "DEBIAN_FRONTEND=noninteractive \
             apt-get install --quiet --yes --no-install-recommends {}",
            packages.join(" ")
        ))
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

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
