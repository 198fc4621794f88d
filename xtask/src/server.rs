//! The servers that tests start privately, the tools that judge for them, and finding their programs.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// A server or tool that is one program, or a few in one folder. Postgres is not: it comes from more places.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) name: &'static str,
    /// What the tests do with it.
    pub(crate) purpose: &'static str,
    /// The variable that chooses its program, and tells the tests which one was found.
    pub(crate) variable: &'static str,
    /// Debian's package.
    pub(crate) package: &'static str,
    /// Its program's name, where PATH is asked.
    in_path: Option<&'static str>,
    /// Debian's place: it may be where not every user's PATH leads.
    debian: &'static str,
    /// What must be in the same folder.
    beside: &'static [&'static str],
    version: Version,
}

#[derive(Debug, PartialEq, Eq)]
enum Version {
    /// Printed by the program, after these words.
    Printed(&'static [&'static str], &'static str),
    /// Printed by a program beside it.
    PrintedBeside(&'static str, &'static [&'static str]),
    /// In the name of a folder above the program, after these letters.
    InPath(&'static str),
}

/// All of them, in the order in which they are shown.
pub(crate) static SERVERS: [Server; 9] = [
    Server {
        name: "PgBouncer",
        purpose: "the conformance suite runs through it, too",
        variable: "PGBOUNCER",
        package: "pgbouncer",
        in_path: Some("pgbouncer"),
        debian: "/usr/sbin/pgbouncer",
        beside: &[],
        version: Version::Printed(&["--version"], "PgBouncer "),
    },
    Server {
        name: "Postfix",
        purpose: "mail is delivered through it, and to its smtp-sink",
        variable: "POSTFIX",
        package: "postfix",
        in_path: Some("postfix"),
        debian: "/usr/sbin/postfix",
        beside: &["postconf", "smtp-sink"],
        version: Version::PrintedBeside("postconf", &["-d", "-h", "mail_version"]),
    },
    Server {
        name: "RabbitMQ",
        purpose: "messages are published to it",
        variable: "RABBITMQ_SERVER",
        package: "rabbitmq-server",
        // What Debian has in PATH is another program, which only root and its own user may run.
        in_path: None,
        debian: "/usr/lib/rabbitmq/bin/rabbitmq-server",
        beside: &["rabbitmqctl"],
        // Asking it would leave an Erlang port mapper behind.
        version: Version::InPath("rabbitmq_server-"),
    },
    Server {
        name: "NATS",
        purpose: "messages are published to it",
        variable: "NATS_SERVER",
        package: "nats-server",
        in_path: Some("nats-server"),
        debian: "/usr/sbin/nats-server",
        beside: &[],
        version: Version::Printed(&["--version"], "nats-server: v"),
    },
    Server {
        name: "systemd",
        purpose: "its systemd-analyze verifies and rates the unit of the daemon",
        variable: "SYSTEMD_ANALYZE",
        package: "systemd",
        in_path: Some("systemd-analyze"),
        debian: "/usr/bin/systemd-analyze",
        beside: &[],
        version: Version::Printed(&["--version"], "systemd "),
    },
    Server {
        name: "strace",
        purpose: "it shows what the daemon asks of the kernel",
        variable: "STRACE",
        package: "strace",
        in_path: Some("strace"),
        debian: "/usr/bin/strace",
        beside: &[],
        version: Version::Printed(&["-V"], "strace -- version "),
    },
    Server {
        name: "promtool",
        purpose: "it checks alerts, and what the daemon serves",
        variable: "PROMTOOL",
        package: "prometheus",
        in_path: Some("promtool"),
        debian: "/usr/bin/promtool",
        beside: &[],
        version: Version::Printed(&["--version"], "promtool, version "),
    },
    Server {
        name: "curl",
        purpose: "pages and runbooks ask the daemon by it",
        variable: "CURL",
        package: "curl",
        in_path: Some("curl"),
        debian: "/usr/bin/curl",
        beside: &[],
        version: Version::Printed(&["--version"], "curl "),
    },
    Server {
        name: "Valgrind",
        purpose: "it counts the instructions of hot paths",
        variable: "VALGRIND",
        package: "valgrind",
        in_path: Some("valgrind"),
        debian: "/usr/bin/valgrind",
        beside: &[],
        version: Version::Printed(&["--version"], "valgrind-"),
    },
];

/// A program that runs.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) program: PathBuf,
    version: String,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.version, self.program.display())
    }
}

impl Server {
    /// The first one, if there is one. An error if it does not run.
    pub(crate) fn find(&self) -> Result<Option<Found>> {
        let places = Places {
            chosen: env::var_os(self.variable).filter(|value| !value.is_empty()),
            path: env::var_os("PATH").unwrap_or_default(),
            debian: PathBuf::from(self.debian),
        };
        let Some(program) = self.first(&places)? else {
            return Ok(None);
        };
        let version = self.version(&program)?;
        Ok(Some(Found { program, version }))
    }

    fn first(&self, places: &Places) -> Result<Option<PathBuf>> {
        if let Some(chosen) = &places.chosen {
            // Someone chose this one. Quietly testing another would be a lie.
            let chosen = PathBuf::from(chosen);
            if !runs(&chosen) {
                bail!("{} is {}, no program", self.variable, chosen.display());
            }
            if let Some(lacking) = self.lacking(&chosen) {
                let chosen = chosen.display();
                bail!(
                    "{} is {chosen}, which has no {lacking} beside it",
                    self.variable
                );
            }
            return Ok(Some(chosen));
        }
        let in_path = self
            .in_path
            .into_iter()
            .flat_map(|name| env::split_paths(&places.path).map(move |folder| folder.join(name)));
        Ok(in_path
            .chain([places.debian.clone()])
            .find(|program| runs(program) && self.lacking(program).is_none()))
    }

    fn lacking(&self, program: &Path) -> Option<&'static str> {
        let there = |name: &str| runs(&program.with_file_name(name));
        self.beside.iter().copied().find(|name| !there(name))
    }

    fn version(&self, program: &Path) -> Result<String> {
        match &self.version {
            Version::Printed(arguments, before) => {
                let said = first_line(program, arguments)?;
                Ok(said.trim_start_matches(before).to_owned())
            }
            Version::PrintedBeside(name, arguments) => {
                first_line(&program.with_file_name(name), arguments)
            }
            Version::InPath(before) => {
                let program = program.canonicalize()?;
                let version = program.ancestors().find_map(|folder| {
                    let name = folder.file_name()?.to_str()?;
                    name.strip_prefix(before)
                });
                Ok(version.unwrap_or("of unknown version").to_owned())
            }
        }
    }
}

fn first_line(program: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("cannot run {}", program.display()))?;
    if !output.status.success() {
        bail!(
            "{} {} failed, {}: {}",
            program.display(),
            arguments.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let said = String::from_utf8_lossy(&output.stdout);
    Ok(said.lines().next().unwrap_or_default().to_owned())
}

/// Where to look.
#[derive(Debug)]
struct Places {
    chosen: Option<OsString>,
    path: OsString,
    debian: PathBuf,
}

fn runs(program: &Path) -> bool {
    fs::metadata(program).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn put(folder: &Path, name: &str, content: &str) -> PathBuf {
        fs::create_dir_all(folder).unwrap();
        let program = folder.join(name);
        fs::write(&program, content).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        program
    }

    fn named(name: &str) -> &'static Server {
        let found = SERVERS.iter().find(|server| server.name == name);
        found.unwrap()
    }

    #[test]
    fn asks_in_order() {
        let root = TempDir::new().unwrap();
        let bouncer = named("PgBouncer");
        let folder = root.path().join("bin");
        let mut places = Places {
            chosen: None,
            path: env::join_paths([root.path().join("empty"), folder.clone()]).unwrap(),
            debian: root.path().join("sbin/pgbouncer"),
        };
        assert_eq!(bouncer.first(&places).unwrap(), None);

        let debian = put(&root.path().join("sbin"), "pgbouncer", "");
        assert_eq!(bouncer.first(&places).unwrap(), Some(debian));

        let program = put(&folder, "pgbouncer", "");
        assert_eq!(bouncer.first(&places).unwrap(), Some(program));

        let chosen = put(&root.path().join("chosen"), "pgbouncer", "");
        places.chosen = Some(chosen.clone().into());
        assert_eq!(bouncer.first(&places).unwrap(), Some(chosen.clone()));

        fs::set_permissions(&chosen, fs::Permissions::from_mode(0o644)).unwrap();
        let error = bouncer.first(&places).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("PGBOUNCER is {}, no program", chosen.display())
        );
    }

    #[test]
    fn a_program_counts_with_those_that_belong_to_it() {
        let root = TempDir::new().unwrap();
        let postfix = named("Postfix");
        let folder = root.path().join("bin");
        let program = put(&folder, "postfix", "");
        let mut places = Places {
            chosen: None,
            path: folder.clone().into(),
            debian: root.path().join("none"),
        };
        put(&folder, "postconf", "#!/bin/sh\necho 3.7.11\n");
        assert_eq!(postfix.first(&places).unwrap(), None);
        places.chosen = Some(program.clone().into());
        let error = postfix.first(&places).unwrap_err().to_string();
        assert!(
            error.ends_with("which has no smtp-sink beside it"),
            "{error}"
        );

        put(&folder, "smtp-sink", "");
        places.chosen = None;
        assert_eq!(postfix.first(&places).unwrap(), Some(program.clone()));
        assert_eq!(postfix.version(&program).unwrap(), "3.7.11");
    }

    #[test]
    fn versions_are_read_without_starting_erlang() {
        let root = TempDir::new().unwrap();
        let folder = root.path().join("lib/rabbitmq_server-3.10.8/sbin");
        let program = put(&folder, "rabbitmq-server", "#!/bin/sh\nexit 1\n");
        let link = root.path().join("rabbitmq-server");
        std::os::unix::fs::symlink(program, &link).unwrap();
        assert_eq!(named("RabbitMQ").version(&link).unwrap(), "3.10.8");
    }

    #[test]
    fn what_does_not_run_is_an_error() {
        let root = TempDir::new().unwrap();
        let program = put(
            root.path(),
            "nats-server",
            "#!/bin/sh\necho no >&2; exit 3\n",
        );
        let error = named("NATS").version(&program).unwrap_err().to_string();
        assert!(
            error.ends_with("--version failed, exit status: 3: no"),
            "{error}"
        );
    }
}
