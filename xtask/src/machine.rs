//! What the tests need, and what of it this machine has.

use std::fmt;

use anyhow::Result;

use crate::account::Account;
use crate::compiler::Compiler;
use crate::components;
use crate::faketime;
use crate::pgbouncer::PgBouncer;
use crate::postgres::Postgres;
use crate::provision;

/// The cargo subcommand that checks the dependencies; wanted, not needed.
const DENY: &str = "deny";

/// One look at the machine.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) compiler: Option<Compiler>,
    pub(crate) components: Vec<&'static str>,
    pub(crate) postgres: Option<Postgres>,
    pub(crate) pgbouncer: Option<PgBouncer>,
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
    PgBouncer,
    Faketime,
    Account,
}

impl Machine {
    /// Looks; changes nothing.
    pub(crate) fn survey() -> Result<Self> {
        Ok(Self {
            compiler: Compiler::find(),
            components: components::missing(),
            postgres: Postgres::find()?,
            pgbouncer: PgBouncer::find()?,
            faketime: faketime::find(),
            account: Account::find(),
            deny: components::has_subcommand(DENY),
        })
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
        if self.pgbouncer.is_none() {
            lacks.push(Lack::PgBouncer);
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
            Self::PgBouncer => "PgBouncer (the conformance suite runs through it, too)".into(),
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
        match &self.pgbouncer {
            Some(pgbouncer) => writeln!(f, "PgBouncer   {pgbouncer}")?,
            None => writeln!(f, "PgBouncer   MISSING")?,
        }
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
        for lack in self.lacks() {
            write!(f, "\n`cargo xtask test` would {}", provision::plan(&lack))?;
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
            pgbouncer: None,
            faketime: None,
            account: Account::Missing,
            deny: false,
        }
    }

    #[test]
    fn everything_missing_is_listed() {
        let all = [
            Lack::Compiler,
            Lack::Components(vec!["clippy"]),
            Lack::Postgres,
            Lack::PgBouncer,
            Lack::Faketime,
            Lack::Account,
        ];
        assert_eq!(bare().lacks(), all);
    }

    #[test]
    fn cargo_deny_is_no_need() {
        let machine = Machine {
            components: Vec::new(),
            account: Account::Own,
            ..bare()
        };
        assert_eq!(
            machine.lacks(),
            [
                Lack::Compiler,
                Lack::Postgres,
                Lack::PgBouncer,
                Lack::Faketime
            ]
        );
    }
}
