//! The service manager's part, as far as runbooks speak to it: `systemctl` and `journalctl` ask the drill, which starts,
//! stops and signals real processes as a unit of systemd would. A drill is no host: there is no systemd in a container.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Unit;

/// The other side: asks, and says what it was told.
pub(crate) fn ask(program: &str, words: &[String]) -> ExitCode {
    let Some(socket) = std::env::var_os("DRILL_SYSTEMD") else {
        eprintln!("{program}: this is a drill's, and there is no drill");
        return ExitCode::FAILURE;
    };
    let mut stream = UnixStream::connect(socket).unwrap();
    let question = format!("{program}\n{}", words.join("\n"));
    stream.write_all(question.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (code, said) = answer
        .split_once('\n')
        .unwrap_or(("1", "the drill is over"));
    print!("{said}");
    ExitCode::from(code.parse::<u8>().unwrap_or(1))
}

/// The units, and whoever answers for them.
#[derive(Debug)]
pub(crate) struct Manager {
    units: Arc<Mutex<HashMap<String, Unit>>>,
    path: OsString,
    logs: PathBuf,
}

impl Manager {
    pub(super) fn start(socket: &Path, logs: &Path, path: OsString) -> Self {
        let listener = UnixListener::bind(socket).unwrap();
        let manager = Self {
            units: Arc::default(),
            path,
            logs: logs.to_owned(),
        };
        std::fs::create_dir(&manager.logs).unwrap();
        let units = Arc::downgrade(&manager.units);
        let path = manager.path.clone();
        // It ends with the process; whoever asks later is told that the drill is over.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let Some(units) = units.upgrade() else { return };
                let mut question = String::new();
                stream.read_to_string(&mut question).unwrap();
                let words: Vec<&str> = question.lines().collect();
                let (code, said) = answer(&mut units.lock().unwrap(), &words, &path);
                // It may have been killed meanwhile.
                let _ = stream.write_all(format!("{code}\n{said}").as_bytes());
            }
        });
        manager
    }

    /// From now on there is such a unit; one of the name that there was is gone.
    pub(crate) fn install(&self, name: &str, unit: Unit) {
        let unit = unit.logging_to(self.logs.join(name));
        self.units.lock().unwrap().insert(name.to_owned(), unit);
    }

    /// What `systemctl` does, which must work.
    pub(crate) fn must(&self, verb: &str, name: &str) {
        let mut units = self.units.lock().unwrap();
        let (code, said) = answer(&mut units, &["systemctl", verb, name], &self.path);
        let log = units.get(name).map(Unit::log).unwrap_or_default();
        assert_eq!(code, 0, "{verb} {name}: {said}\n{log}");
    }

    /// A signal for its process.
    pub(crate) fn signal(&self, name: &str, signal: &str) {
        self.units.lock().unwrap()[name].signal(signal);
    }

    pub(crate) fn process(&self, name: &str) -> u32 {
        let units = self.units.lock().unwrap();
        units[name].id().expect("it runs")
    }

    /// What it has logged so far.
    pub(crate) fn log(&self, name: &str) -> String {
        self.units.lock().unwrap()[name].log()
    }
}

fn answer(units: &mut HashMap<String, Unit>, words: &[&str], path: &OsString) -> (u8, String) {
    match words {
        ["journalctl", "-u" | "--unit", name, ..] => match units.get(*name) {
            Some(unit) => (0, unit.log()),
            None => (1, format!("no unit {name}\n")),
        },
        ["systemctl", verb, options @ .., name] => {
            let name = name.trim_end_matches(".service");
            let Some(unit) = units.get_mut(name) else {
                return (5, format!("Unit {name}.service could not be found.\n"));
            };
            of_unit(unit, name, verb, options, path)
        }
        _ => (64, format!("a drill does not know {words:?}\n")),
    }
}

fn of_unit(
    unit: &mut Unit,
    name: &str,
    verb: &str,
    options: &[&str],
    path: &OsString,
) -> (u8, String) {
    let is_running = unit.is_running();
    let done = |result: Result<(), String>| match result {
        Ok(()) => (0, String::new()),
        Err(said) => (1, format!("Job for {name}.service failed: {said}\n")),
    };
    match (verb, options) {
        ("start", []) => done(unit.start(path)),
        ("stop", []) => {
            unit.stop();
            (0, String::new())
        }
        ("restart", []) => {
            unit.stop();
            done(unit.start(path))
        }
        ("reload", []) => match is_running {
            true => done(unit.reload()),
            false => (1, format!("{name}.service is not active, cannot reload.\n")),
        },
        ("status", []) => {
            let code = if is_running { 0 } else { 3 };
            (code, unit.status(name))
        }
        ("is-active", []) => match is_running {
            true => (0, "active\n".to_owned()),
            false => (3, "inactive\n".to_owned()),
        },
        ("kill", [signal]) => {
            let signal = signal.trim_start_matches("--signal=");
            let signal = signal.trim_start_matches("SIG");
            unit.signal(signal);
            // Nothing survives it, and whoever starts it anew is to find it gone.
            while signal == "KILL" && unit.is_running() {
                std::thread::sleep(Duration::from_millis(5));
            }
            (0, String::new())
        }
        _ => (64, format!("a drill does not know {verb} {options:?}\n")),
    }
}
