//! A unit of the service manager: a program, and the process that it is at the moment.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;

/// How long a process may take to stop before it is killed.
const STOP: Duration = Duration::from_secs(15);

/// What is run, and what became of it.
#[derive(Debug)]
pub(crate) struct Unit {
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, OsString)>,
    folder: Option<PathBuf>,
    notify: Option<PathBuf>,
    socket: Option<UnixDatagram>,
    log: PathBuf,
    child: Option<Child>,
    ended: Option<ExitStatus>,
}

impl Unit {
    pub(crate) fn new(program: &Path, arguments: &[&str]) -> Self {
        Self {
            program: program.to_owned(),
            arguments: arguments.iter().map(|&one| one.to_owned()).collect(),
            environment: Vec::new(),
            folder: None,
            notify: None,
            socket: None,
            log: PathBuf::new(),
            child: None,
            ended: None,
        }
    }

    /// It says itself when it is ready (`Type=notify-reload`).
    pub(crate) fn notifying(mut self, socket: &Path) -> Self {
        self.notify = Some(socket.to_owned());
        self
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// In that folder.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    pub(super) fn logging_to(mut self, log: PathBuf) -> Self {
        self.log = log;
        self
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub(super) fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Whether it runs, which a process that ended by itself does not.
    pub(super) fn is_running(&mut self) -> bool {
        let ended = self
            .child
            .as_mut()
            .and_then(|child| child.try_wait().unwrap());
        if ended.is_some() {
            self.ended = ended;
            self.child = None;
        }
        self.child.is_some()
    }

    pub(super) fn start(&mut self, path: &OsString) -> Result<(), String> {
        if self.is_running() {
            return Ok(());
        }
        let mut log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .unwrap();
        // By a pipe: what it logs is not a file of its own, which it may have no room for.
        let (mut says, said) = io::pipe().unwrap();
        thread::spawn(move || io::copy(&mut says, &mut log));
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .env("PATH", path)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        if let Some(path) = &self.notify {
            let _ = fs::remove_file(path);
            let socket = UnixDatagram::bind(path).unwrap();
            socket
                .set_read_timeout(Some(Duration::from_millis(50)))
                .unwrap();
            command.env("NOTIFY_SOCKET", path);
            self.socket = Some(socket);
        }
        self.ended = None;
        self.child = Some(command.spawn().unwrap());
        // Its end of the pipe that is held here would keep the log open.
        drop(command);
        self.hears("READY=1")
    }

    /// Waits for a message of the process, if it sends any.
    fn hears(&mut self, part: &str) -> Result<(), String> {
        let Some(socket) = self.socket.take() else {
            return Ok(());
        };
        let began = Instant::now();
        let mut buffer = [0; 4096];
        let heard = loop {
            if let Ok(length) = socket.recv(&mut buffer)
                && String::from_utf8_lossy(&buffer[..length]).contains(part)
            {
                break Ok(());
            }
            if !self.is_running() {
                break Err(format!("the process ended: {}", self.state()));
            }
            if began.elapsed() > PATIENCE {
                break Err(format!("it never said {part}:\n{}", self.log()));
            }
        };
        self.socket = Some(socket);
        heard
    }

    /// Asks it to stop, and waits until it has.
    pub(super) fn stop(&mut self) {
        if !self.is_running() {
            return;
        }
        self.signal("TERM");
        // One that is frozen hears of it only then.
        self.signal("CONT");
        let began = Instant::now();
        while self.is_running() {
            if began.elapsed() > STOP {
                self.signal("KILL");
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub(super) fn reload(&mut self) -> Result<(), String> {
        self.signal("HUP");
        self.hears("RELOADING=1")?;
        self.hears("READY=1")
    }

    pub(super) fn signal(&self, signal: &str) {
        if let Some(id) = self.id() {
            let sent = Command::new("kill")
                .args([&format!("-{signal}"), &id.to_string()])
                .status();
            assert!(sent.unwrap().success());
        }
    }

    /// What became of the process.
    pub(super) fn state(&self) -> String {
        let (active, how) = self.parts();
        format!("{active} {how}")
    }

    /// As `systemctl status` says it.
    pub(super) fn status(&self, name: &str) -> String {
        let (active, how) = self.parts();
        format!("{name}.service\n     Active: {active}\n   Main PID: {how}\n")
    }

    fn parts(&self) -> (&'static str, String) {
        match (&self.child, self.ended) {
            (Some(child), _) => ("active (running)", child.id().to_string()),
            (None, None) => ("inactive (dead)", "none".to_owned()),
            (None, Some(status)) => match (status.code(), status.signal()) {
                (Some(0), _) => (
                    "inactive (dead)",
                    "(code=exited, status=0/SUCCESS)".to_owned(),
                ),
                (Some(code), _) => (
                    "failed (Result: exit-code)",
                    format!("(code=exited, status={code})"),
                ),
                (None, signal) => (
                    "failed (Result: signal)",
                    format!("(code=killed, status={})", signal.unwrap_or(0)),
                ),
            },
        }
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
