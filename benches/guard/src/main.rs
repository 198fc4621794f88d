//! `cargo xtask bench guard`: how many instructions the hot paths take, against a baseline that is checked in.
//!
//! Seconds depend on what else a machine does, instructions hardly: that is what lets CI judge them. They say nothing of
//! disks, locks and waiting; the other benchmarks do.

mod baseline;
mod callgrind;
mod path;
mod paths;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use baseline::Baseline;
use path::HotPath;

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask bench guard",
    about = "Count the instructions of hot paths, and hold them against the baseline"
)]
struct Arguments {
    /// Make what is counted now the baseline
    #[arg(long)]
    update: bool,
    #[command(subcommand)]
    errand: Option<Errand>,
}

#[derive(Debug, Subcommand)]
enum Errand {
    /// Goes along a path so many times; the measurement starts this
    #[command(hide = true)]
    Go { path: HotPath, times: u32 },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.errand {
        Some(Errand::Go { path, times }) => paths::go(path, times).map(|()| true),
        None => judge(arguments.update),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether nothing takes much more than it took.
fn judge(update: bool) -> Result<bool> {
    let counted = Baseline::count()?;
    if update {
        counted.keep()?;
        println!("the baseline is now:\n{counted}");
        return Ok(true);
    }
    let comparison = Baseline::kept()?.compare(&counted);
    println!("{comparison}");
    Ok(comparison.holds())
}
