//! What `cargo xtask book` does before and after mdBook.

use std::path::PathBuf;
use std::{env, process::ExitCode};

use anyhow::{Result, bail};
use book::{links, repository, stage};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = env::args_os().skip(1);
    let command = arguments.next().unwrap_or_default();
    match (command.to_str(), arguments.next().map(PathBuf::from)) {
        (Some("stage"), Some(folder)) => stage::stage(&repository::root(), &folder),
        (Some("check"), Some(folder)) => check(&folder),
        _ => bail!("write `book stage FOLDER` or `book check FOLDER`"),
    }
}

fn check(folder: &std::path::Path) -> Result<()> {
    let checked = links::check(folder)?;
    for dead in &checked.dead {
        eprintln!("dead link: {dead}");
    }
    println!(
        "links of the book: {} followed, {} dead; not followed, since they leave it:",
        checked.followed,
        checked.dead.len()
    );
    for outside in &checked.outside {
        println!("  {outside}");
    }
    if checked.dead.is_empty() {
        Ok(())
    } else {
        bail!("{} links lead nowhere", checked.dead.len())
    }
}
