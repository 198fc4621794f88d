//! Somebody at a prompt: one shell from the first command of a page to the last.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::until;

/// Longer than any command of a runbook takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// The shell, and where it is.
#[derive(Debug)]
pub(crate) struct Prompt {
    shell: Child,
    input: ChildStdin,
    codes: Receiver<i32>,
    files: PathBuf,
    commands: u32,
}

/// What came of a command.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) output: String,
    /// Standard error.
    pub(crate) prose: String,
}

impl Prompt {
    pub(crate) fn start(home: &Path, path: &OsStr, systemd: &Path) -> Self {
        let files = home.with_extension("prompt");
        fs::create_dir(&files).unwrap();
        let mut shell = Command::new("sh")
            .current_dir(home)
            .env_clear()
            .env("PATH", path)
            .env("HOME", home)
            .env("LANG", "C.UTF-8")
            .env("LEASEHOLD_ACTOR", "ada")
            .env("DRILL_SYSTEMD", systemd)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = shell.stdin.take().unwrap();
        let output = BufReader::new(shell.stdout.take().unwrap());
        let (sender, codes) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // Nobody may be waiting any more.
                let _ = sender.send(line.parse().unwrap_or(-1));
            }
        });
        Self {
            shell,
            input,
            codes,
            files,
            commands: 0,
        }
    }

    /// Runs a command to its end.
    pub(crate) fn run(&mut self, command: &str) -> Ended {
        self.begin(command);
        self.end(command)
    }

    /// Runs it until that moment, and then kills whatever it has started.
    pub(crate) fn run_until(&mut self, command: &str, moment: impl FnOnce()) -> Ended {
        self.begin(command);
        assert!(
            until(|| !self.children().is_empty()),
            "{command} did not start"
        );
        moment();
        let mut kill = Command::new("kill");
        let killed = kill.arg("-KILL").args(self.children()).status().unwrap();
        assert!(killed.success(), "it ended by itself: {command}");
        self.end(command)
    }

    fn begin(&mut self, command: &str) {
        self.commands += 1;
        let file = |what| self.files.join(format!("{}.{what}", self.commands));
        fs::write(file("sh"), command).unwrap();
        // In the shell itself, so that what is set stays; without its input, which the next commands are in.
        let line = format!(
            ". {} </dev/null >{} 2>{}; echo $?\n",
            file("sh").display(),
            file("out").display(),
            file("err").display()
        );
        self.input.write_all(line.as_bytes()).unwrap();
    }

    fn end(&self, command: &str) -> Ended {
        let read = |what| {
            let file = self.files.join(format!("{}.{what}", self.commands));
            String::from_utf8_lossy(&fs::read(file).unwrap_or_default()).into_owned()
        };
        let code = self.codes.recv_timeout(PATIENCE);
        let (output, prose) = (read("out"), read("err"));
        let code = code.unwrap_or_else(|_| panic!("this does not end: {command}\n{output}{prose}"));
        Ended {
            code,
            output,
            prose,
        }
    }

    fn children(&self) -> Vec<String> {
        let id = self.shell.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let children = children.unwrap_or_default();
        children.split_whitespace().map(str::to_owned).collect()
    }
}

impl Drop for Prompt {
    fn drop(&mut self) {
        let mut kill = Command::new("kill");
        // There may be none.
        let _ = kill
            .arg("-KILL")
            .args(self.children())
            .stderr(Stdio::null())
            .status();
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_stays_and_what_fails_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("desk");
        fs::create_dir(&home).unwrap();
        let path = std::env::var_os("PATH").unwrap();
        let mut prompt = Prompt::start(&home, &path, Path::new("/nowhere"));
        assert_eq!(prompt.run("export A=1; b=2\n").code, 0);
        let ended = prompt.run("echo $A$b; echo no >&2; (exit 3)\n");
        assert_eq!(
            (ended.code, &*ended.output, &*ended.prose),
            (3, "12\n", "no\n")
        );
        assert_eq!(prompt.run("cat\n").output, "");
        let ended = prompt.run_until("sleep 1000\n", || {});
        assert_eq!(ended.code, 137);
        assert_eq!(prompt.run("echo $b\n").output, "2\n");
    }
}
