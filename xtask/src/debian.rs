//! Installing Debian packages.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::{account, step};

/// What the packages that are asked for here, or that come with them, would start with the machine:
/// Erlang brings `epmd`.
const UNITS: [&str; 7] = [
    "epmd.service",
    "epmd.socket",
    "nats-server.service",
    "pgbouncer.service",
    "postfix.service",
    "prometheus.service",
    "rabbitmq-server.service",
];

/// Keeps Debian from setting up a Postgres server of its own next to the private clusters of the tests. A
/// drop-in, so that the package's own file stays untouched; removed afterwards.
const NO_MAIN_CLUSTER: &str = "/etc/postgresql-common/createcluster.d/leasehold-tests.conf";

/// Keeps Debian from configuring a Postfix of its own, which would take mail from everywhere.
const NO_MAIL: &str = "postfix postfix/main_mailer_type select No configuration";

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

    /// Learns which packages there are.
    pub(crate) fn update(self) -> Result<()> {
        self.shell("apt-get update --quiet")
    }

    /// Installs packages; what they bring is not started, now or with the machine.
    pub(crate) fn install(self, packages: &[&str]) -> Result<()> {
        self.shell(&unstarted(&Places::default(), packages, &get(packages)))
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

/// Where Debian keeps what an installation changes for its time.
#[derive(Debug)]
struct Places {
    /// Debian starts what it installs unless this program says no. One that is there already is somebody's
    /// decision and stays.
    policy: String,
    units: String,
    scripts: String,
    cluster: String,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            policy: "/usr/sbin/policy-rc.d".into(),
            units: "/lib/systemd/system".into(),
            scripts: "/etc/init.d".into(),
            cluster: NO_MAIN_CLUSTER.into(),
        }
    }
}

fn get(packages: &[&str]) -> String {
    // The setting belongs inside the shell: sudo drops the caller's environment. Nothing is removed: a
    // machine has one mail server, and that another is there was somebody's decision.
    format!(
        "DEBIAN_FRONTEND=noninteractive \
         apt-get install --quiet --yes --no-install-recommends --no-remove {}",
        packages.join(" ")
    )
}

/// Installs under a policy to start nothing, and disables the units that were not there before. One shell,
/// so that the policy goes however this ends.
fn unstarted(places: &Places, packages: &[&str], install: &str) -> String {
    let Places {
        policy,
        units,
        scripts,
        cluster,
    } = places;
    let mut prepare = Vec::new();
    if packages.contains(&"postgresql") {
        prepare.push(format!(
            "remove=\"$remove {cluster}\"; mkdir -p \"$(dirname {cluster})\"; \
             echo 'create_main_cluster = false' > {cluster}"
        ));
    }
    if packages.contains(&"postfix") {
        prepare.push(format!("echo '{NO_MAIL}' | debconf-set-selections"));
    }
    format!(
        r#"set -e
        new=
        remove=
        tidy() {{
            for unit in $new; do
                # Also where systemd does not run: it only removes links.
                if [ -e {units}/$unit ] && command -v systemctl >/dev/null; then
                    systemctl --quiet disable $unit || true
                fi
                script=${{unit%.service}}
                if [ -e {scripts}/$script ]; then update-rc.d $script disable || true; fi
            done
            rm -f $remove
        }}
        for unit in {all}; do
            [ -e {units}/$unit ] || new="$new $unit"
        done
        trap tidy EXIT
        trap 'exit 1' HUP INT TERM
        if [ ! -e {policy} ]; then
            remove={policy}
            printf '#!/bin/sh\nexit 101\n' > {policy}
            chmod 755 {policy}
        fi
        {prepare}
        {install}"#,
        all = UNITS.join(" "),
        prepare = prepare.join("\n"),
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
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::*;

    /// A machine whose tools for services only tell what they were asked.
    struct Machine {
        root: TempDir,
        places: Places,
    }

    impl Machine {
        fn new() -> Self {
            let root = TempDir::new().unwrap();
            let at = |name: &str| root.path().join(name).display().to_string();
            let places = Places {
                policy: at("policy-rc.d"),
                units: at("units"),
                scripts: at("init.d"),
                cluster: at("createcluster.d/leasehold-tests.conf"),
            };
            for folder in [&places.units, &places.scripts, &at("tools")] {
                fs::create_dir(folder).unwrap();
            }
            for (tool, tells) in [
                ("systemctl", "echo systemctl $*"),
                ("update-rc.d", "echo rc $*"),
                ("debconf-set-selections", "echo preset $(cat)"),
            ] {
                let tool = at("tools") + "/" + tool;
                fs::write(&tool, format!("#!/bin/sh\n{tells}\n")).unwrap();
                fs::set_permissions(tool, fs::Permissions::from_mode(0o755)).unwrap();
            }
            Self { root, places }
        }

        fn run(&self, packages: &[&str], install: &str) -> (Option<i32>, String) {
            let script = unstarted(&self.places, packages, install);
            let path = std::env::var_os("PATH").unwrap();
            let tools = [self.root.path().join("tools")];
            let path = std::env::join_paths(tools.into_iter().chain(std::env::split_paths(&path)));
            let output = Command::new("sh")
                .args(["-c", &script])
                .env("PATH", path.unwrap())
                .current_dir(&self.root)
                .output()
                .unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            (output.status.code(), said)
        }
    }

    #[test]
    fn the_policy_is_there_while_installing_and_not_after() {
        let machine = Machine::new();
        // What the packages' scripts do: they ask it, and start nothing on 101.
        let asked = "./policy-rc.d && exit 3 || [ $? = 101 ]";
        assert_eq!(machine.run(&["faketime"], asked), (Some(0), String::new()));
        assert!(!fs::exists(&machine.places.policy).unwrap());

        assert_eq!(machine.run(&["faketime"], "exit 100").0, Some(100));
        assert!(!fs::exists(&machine.places.policy).unwrap());
    }

    #[test]
    fn a_policy_of_somebody_else_stays() {
        let machine = Machine::new();
        fs::write(&machine.places.policy, "theirs").unwrap();
        assert_eq!(machine.run(&["faketime"], "true").0, Some(0));
        assert_eq!(
            fs::read_to_string(&machine.places.policy).unwrap(),
            "theirs"
        );
    }

    #[test]
    fn what_is_new_is_disabled_and_nothing_else() {
        let machine = Machine::new();
        fs::write(machine.root.path().join("units/epmd.socket"), "theirs").unwrap();
        let install =
            "touch units/epmd.service units/postfix.service init.d/postfix units/other.service";
        // Also where it fails later on.
        for (end, status) in [("true", 0), ("exit 100", 100)] {
            let (ended, said) = machine.run(&["postfix"], &format!("{install}; {end}"));
            assert_eq!(ended, Some(status));
            let disabled = "systemctl --quiet disable epmd.service\n\
                            systemctl --quiet disable postfix.service\n\
                            rc postfix disable\n";
            assert_eq!(said, format!("preset {NO_MAIL}\n{disabled}"));
            fs::remove_file(machine.root.path().join("units/epmd.service")).unwrap();
            fs::remove_file(machine.root.path().join("units/postfix.service")).unwrap();
        }
    }

    #[test]
    fn postgres_makes_no_cluster_while_it_is_installed() {
        let machine = Machine::new();
        let (ended, said) = machine.run(&["gcc", "postgresql"], "cat createcluster.d/*");
        assert_eq!(
            (ended, said.as_str()),
            (Some(0), "create_main_cluster = false\n")
        );
        assert!(!fs::exists(&machine.places.cluster).unwrap());
    }
}
