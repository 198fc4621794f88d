//! `drill NAME...`: makes incidents happen and carries out their runbooks. `cargo xtask drill` runs it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use drills::{Drill, Measured, Role};

/// Make an incident happen in private instances, and carry out its runbook as it is written
#[derive(Debug, Parser)]
#[command(name = "cargo xtask drill")]
struct Arguments {
    /// The runbook, by the name of its page in docs/runbooks; or all
    #[arg(required_unless_present = "list")]
    names: Vec<String>,
    /// List the drills, and on which databases each is held
    #[arg(long)]
    list: bool,
    /// Write what was measured into the page
    #[arg(long)]
    write: bool,
}

fn main() -> ExitCode {
    if let Some(role) = Role::of(std::env::args_os().next().as_ref()) {
        return role.play();
    }
    let arguments = Arguments::parse();
    if arguments.list {
        for drill in Drill::ALL {
            println!("{}\t{}", drill.name, drill.databases.join(", "));
        }
        return ExitCode::SUCCESS;
    }
    let drills = match chosen(&arguments.names) {
        Ok(drills) => drills,
        Err(said) => {
            eprintln!("error: {said}");
            return ExitCode::from(64);
        }
    };
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("drill"));
    let measured = match arguments.write {
        true => Measured::Written,
        false => Measured::Compared,
    };
    let mut ended = Vec::new();
    for drill in drills {
        for &database in drill.databases {
            println!("\n=== {} on {database}", drill.name);
            let began = Instant::now();
            // Its message is on standard error already.
            let held = catch_unwind(AssertUnwindSafe(|| {
                drill.hold(database, &program, measured);
            }));
            ended.push((drill.name, database, held.is_ok(), began.elapsed()));
        }
    }
    println!();
    for (name, database, is_held, took) in &ended {
        let said = if *is_held { "ok" } else { "FAILED" };
        println!("{said}\t{name}\t{database}\t{:.1} s", took.as_secs_f64());
    }
    match ended.iter().all(|(_, _, is_held, _)| *is_held) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn chosen(names: &[String]) -> Result<Vec<&'static Drill>, String> {
    if names.iter().any(|name| name == "all") {
        return Ok(Drill::ALL.iter().collect());
    }
    let find = |name: &String| {
        let known = || Drill::ALL.map(|drill| drill.name).join(", ");
        Drill::named(name)
            .ok_or_else(|| format!("there is no drill {name}; write all, or one of {}", known()))
    };
    names.iter().map(find).collect()
}
