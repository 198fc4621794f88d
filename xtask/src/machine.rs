//! What the tests need, and what of it this machine has.

use std::fmt;
use std::process::Command;

use anyhow::Result;

use crate::account::Account;
use crate::compiler::Compiler;
use crate::components;
use crate::debian::Apt;
use crate::fakeroot::Fakeroot;
use crate::faketime;
use crate::postgres::Postgres;
use crate::provision;
use crate::server::{Found, SERVERS, Server};
use crate::webhooks::{self, Webhooks};

/// The cargo subcommand that checks the dependencies; wanted, not needed.
const DENY: &str = "deny";

/// One look at the machine.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) compiler: Option<Compiler>,
    pub(crate) components: Vec<&'static str>,
    pub(crate) postgres: Option<Postgres>,
    pub(crate) servers: Vec<(&'static Server, Option<Found>)>,
    pub(crate) webhooks: Option<Webhooks>,
    pub(crate) fakeroot: Fakeroot,
    pub(crate) faketime: Option<String>,
    pub(crate) account: Account,
    pub(crate) deny: bool,
}

/// Something the tests cannot do without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    Compiler,
    Components(Vec<&'static str>),
    Postgres,
    Server(&'static Server),
    Webhooks,
    Fakeroot,
    Faketime,
    Account,
}

impl Machine {
    /// Looks; changes nothing.
    pub(crate) fn survey() -> Result<Self> {
        let servers = SERVERS.iter().map(|server| Ok((server, server.find()?)));
        Ok(Self {
            compiler: Compiler::find(),
            components: components::missing(),
            postgres: Postgres::find()?,
            servers: servers.collect::<Result<_>>()?,
            webhooks: Webhooks::find()?,
            fakeroot: Fakeroot::find(),
            faketime: faketime::find(),
            account: Account::find(),
            deny: components::has_subcommand(DENY),
        })
    }

    /// Tells a command that runs tests or drills which programs were found.
    pub(crate) fn name_programs(&self, command: &mut Command) {
        if let Some(postgres) = &self.postgres {
            command.env("PG_BIN", &postgres.bin);
        }
        for (server, found) in &self.servers {
            if let Some(found) = found {
                command.env(server.variable, &found.program);
            }
        }
        if let Some(webhooks) = &self.webhooks {
            command.env(webhooks::VARIABLE, &webhooks.folder);
        }
    }

    /// What is missing, in the order in which it would be installed.
    pub(crate) fn lacks(&self) -> Vec<Lack> {
        let mut lacks = Vec::new();
        if self.compiler.is_none() {
            lacks.push(Lack::Compiler);
        }
        if !self.components.is_empty() {
            lacks.push(Lack::Components(self.components.clone()));
        }
        if self.postgres.is_none() {
            lacks.push(Lack::Postgres);
        }
        let servers = self.servers.iter().filter(|(_, found)| found.is_none());
        lacks.extend(servers.map(|(server, _)| Lack::Server(server)));
        if self.webhooks.is_none() {
            lacks.push(Lack::Webhooks);
        }
        if self.fakeroot == Fakeroot::Missing {
            lacks.push(Lack::Fakeroot);
        }
        if self.faketime.is_none() {
            lacks.push(Lack::Faketime);
        }
        if self.account == Account::Missing {
            lacks.push(Lack::Account);
        }
        lacks
    }
}

impl Lack {
    /// What it is, and what for.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Compiler => "a C compiler with headers (it builds the bundled SQLite)".into(),
            Self::Components(names) => format!("{} (the first steps run them)", names.join(", ")),
            Self::Postgres => "the Postgres server (tests start private clusters of it)".into(),
            Self::Server(server) => format!("{} ({})", server.name, server.purpose),
            Self::Webhooks => {
                "Python's standardwebhooks (it verifies the signatures of webhooks)".into()
            }
            Self::Fakeroot => "fakeroot (Postfix runs by it where we are not root)".into(),
            Self::Faketime => {
                "faketime (workers are tested on hosts whose clocks are wrong)".into()
            }
            Self::Account => "an account besides root (Postgres refuses to run as root)".into(),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.compiler {
            Some(compiler) => writeln!(f, "C compiler  {compiler}")?,
            None => writeln!(f, "C compiler  MISSING")?,
        }
        match self.components.as_slice() {
            [] => writeln!(f, "toolchain   rustfmt and clippy are there")?,
            missing => writeln!(f, "toolchain   MISSING {}", missing.join(", "))?,
        }
        match &self.postgres {
            Some(postgres) => writeln!(f, "Postgres    {postgres}")?,
            None => writeln!(f, "Postgres    MISSING")?,
        }
        for (server, found) in &self.servers {
            match found {
                Some(found) => writeln!(f, "{:<11} {found}", server.name)?,
                None => writeln!(f, "{:<11} MISSING", server.name)?,
            }
        }
        match &self.webhooks {
            Some(webhooks) => writeln!(f, "webhooks    {webhooks}")?,
            None => writeln!(f, "webhooks    MISSING")?,
        }
        writeln!(f, "fakeroot    {}", self.fakeroot)?;
        match &self.faketime {
            Some(version) => writeln!(f, "faketime    {version}")?,
            None => writeln!(f, "faketime    MISSING")?,
        }
        writeln!(f, "account     {}", self.account)?;
        let deny = if self.deny {
            "installed"
        } else {
            "not installed (`test --deny` would)"
        };
        write!(f, "cargo-deny  {deny}")?;
        let apt = Apt::find();
        for lack in self.lacks() {
            write!(
                f,
                "\n`cargo xtask test` would {}",
                provision::plan(&lack, apt)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare() -> Machine {
        Machine {
            compiler: None,
            components: vec!["clippy"],
            postgres: None,
            servers: SERVERS.iter().map(|server| (server, None)).collect(),
            webhooks: None,
            fakeroot: Fakeroot::Missing,
            faketime: None,
            account: Account::Missing,
            deny: false,
        }
    }

    #[test]
    fn everything_missing_is_listed() {
        let mut all = vec![
            Lack::Compiler,
            Lack::Components(vec!["clippy"]),
            Lack::Postgres,
        ];
        all.extend(SERVERS.each_ref().map(Lack::Server));
        all.extend([
            Lack::Webhooks,
            Lack::Fakeroot,
            Lack::Faketime,
            Lack::Account,
        ]);
        assert_eq!(bare().lacks(), all);
    }

    #[test]
    fn what_is_there_is_not_missing() {
        let machine = Machine {
            components: Vec::new(),
            fakeroot: Fakeroot::Unneeded,
            account: Account::Own,
            ..bare()
        };
        let mut lacks = bare().lacks();
        lacks.retain(|lack| !matches!(lack, Lack::Components(_) | Lack::Fakeroot | Lack::Account));
        assert_eq!(machine.lacks(), lacks);
        assert!(machine.to_string().contains("RabbitMQ    MISSING"));
    }

    #[test]
    fn cargo_deny_is_no_need() {
        let machine = Machine {
            deny: true,
            ..bare()
        };
        assert_eq!(machine.lacks(), bare().lacks());
        assert!(machine.to_string().contains("cargo-deny  installed"));
        assert!(
            bare()
                .to_string()
                .contains("cargo-deny  not installed (`test --deny` would)")
        );
    }
}
