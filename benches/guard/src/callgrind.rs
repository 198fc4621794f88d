//! Counting instructions by Valgrind's callgrind.

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::path::HotPath;

/// How many times as long the longer run is.
const LONGER: u32 = 5;
/// The program that counts; the suite names the one it found.
const VARIABLE: &str = "VALGRIND";

/// Instructions of one time along the path: what a longer run takes more than a shorter one, so that starting,
/// preparing and ending are not in it.
pub(crate) fn instructions(path: HotPath) -> Result<u64> {
    let times = path.times();
    let shorter = collected(path, times)?;
    let longer = collected(path, times * LONGER)?;
    let more = longer
        .checked_sub(shorter)
        .context("the longer run took less")?;
    Ok(more / u64::from(times * (LONGER - 1)))
}

fn collected(path: HotPath, times: u32) -> Result<u64> {
    let valgrind = std::env::var_os(VARIABLE).unwrap_or_else(|| OsString::from("valgrind"));
    let output = Command::new(&valgrind)
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["go", &path.name(), &times.to_string()])
        .output()
        .with_context(|| {
            format!(
                "starting {}; install valgrind (Debian: `apt-get install valgrind`) or set {VARIABLE} to its program",
                valgrind.display()
            )
        })?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{} failed under valgrind: {said}",
        path.name()
    );
    collected_in(&said).with_context(|| format!("valgrind gave no count: {said}"))
}

/// `==123== Collected : 4567`
fn collected_in(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::collected_in;

    #[test]
    fn the_count_is_found_in_what_valgrind_says() {
        let said = "==7== Events    : Ir\n==7== Collected : 123456\n==7== \n";
        assert_eq!(collected_in(said), Some(123_456));
        assert_eq!(collected_in("==7== Events    : Ir\n"), None);
    }
}
