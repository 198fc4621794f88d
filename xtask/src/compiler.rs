//! The C compiler that builds the bundled SQLite.

use std::env;
use std::fmt;
use std::io::Write;
use std::process::{Command, Stdio};

/// A compiler that runs and finds the C library's headers.
#[derive(Debug)]
pub(crate) struct Compiler {
    command: String,
    version: String,
}

impl Compiler {
    /// Tries `CC`, as SQLite's build script does, else `cc`.
    pub(crate) fn find() -> Option<Self> {
        let command = env::var("CC").ok().filter(|cc| !cc.trim().is_empty());
        let command = command.unwrap_or_else(|| "cc".to_owned());
        // `CC` may carry arguments or a wrapper: "ccache gcc".
        let mut words = command.split_whitespace();
        let program = words.next()?;
        let arguments: Vec<&str> = words.collect();
        if !finds_headers(program, &arguments) {
            return None;
        }
        let output = Command::new(program)
            .args(&arguments)
            .arg("--version")
            .output()
            .ok()?;
        let version = String::from_utf8_lossy(&output.stdout)
            .lines()
            .next()?
            .to_owned();
        Some(Self { command, version })
    }
}

/// A compiler without headers is as good as none, and Debian packages the two apart.
fn finds_headers(program: &str, arguments: &[&str]) -> bool {
    let preprocess = || -> std::io::Result<bool> {
        let mut child = Command::new(program)
            .args(arguments)
            .args(["-E", "-x", "c", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut source) = child.stdin.take() {
            source.write_all(b"#include <stdio.h>\n")?;
        }
        Ok(child.wait()?.success())
    };
    preprocess().unwrap_or(false)
}

impl fmt::Display for Compiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.command, self.version)
    }
}
