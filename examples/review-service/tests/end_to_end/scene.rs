//! The service with everything around it.

use std::cell::RefCell;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fixtures::postgres::PostgresCluster;
use fixtures::smtp_sink::SmtpSink;
use queue_core::{AuditEntry, AuditFilter, AuditPage, Store};
use queue_ops::Database;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::client::{self, Answer};
use crate::depot;
use crate::guard::Guarded;
use crate::model::Model;

/// Longer than anything here takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// A key that must not be seen anywhere.
pub(crate) const KEY: &str = "model-key-that-nobody-sees";

/// The service's processes and what they talk to.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) model: Model,
    pub(crate) sink: SmtpSink,
    pub(crate) url: String,
    pub(crate) runtime: Runtime,
    pub(crate) dir: TempDir,
    serving: RefCell<Option<Process>>,
    working: RefCell<Option<Process>>,
}

/// A process of the service, with what it logs.
#[derive(Debug)]
struct Process {
    child: Guarded,
    lines: Receiver<String>,
    log: Arc<Mutex<String>>,
    place: String,
}

impl Scene {
    pub(crate) fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("jobs.db").display());
        Self::at(dir, url)
    }

    pub(crate) fn postgres() -> Self {
        Self::at_url(PostgresCluster::shared().create_database())
    }

    pub(crate) fn at_url(url: String) -> Self {
        Self::at(tempfile::tempdir().unwrap(), url)
    }

    fn at(dir: TempDir, url: String) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let scene = Self {
            model: Model::start(&runtime),
            sink: SmtpSink::start(),
            url,
            runtime,
            dir,
            serving: RefCell::new(None),
            working: RefCell::new(None),
        };
        depot::install(scene.dir.path());
        scene.relay(scene.sink.port());
        scene.configure(&["//depot/shop/..."], "");
        scene
    }

    /// The library's part of the configuration, with the mail relay at this port.
    pub(crate) fn relay(&self, port: u16) {
        self.write(
            "leasehold.toml",
            &format!(
                "[database]\nurl = {:?}\n[log]\nformat = \"json\"\nlevel = \"info\"\n\
                 [channels.mail]\ntype = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n\
                 sender = \"bounces@example.org\"\n",
                self.url,
            ),
        );
    }

    /// The service's part, with these prefixes, and with more in `[ingest]`.
    pub(crate) fn configure(&self, prefixes: &[&str], ingest: &str) {
        self.write(
            "review.toml",
            &format!(
                "leasehold = \"leasehold.toml\"\n\
                 [ingest]\nlisten = \"127.0.0.1:0\"\n{ingest}\n\
                 [allow_list]\nprefixes = {}\n\
                 [depot]\n{}\n\
                 [model]\nendpoint = {:?}\nmodel = \"reviewer\"\ncredential = \"env:TEST_MODEL_KEY\"\n\
                 [notice]\nfrom = \"Reviews <reviews@example.org>\"\n",
                json!(prefixes),
                depot::section(self.dir.path()),
                self.model.endpoint,
            ),
        );
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The program with these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_review-service"));
        command
            .args(arguments)
            .env("REVIEW_CONFIG", self.dir.path().join("review.toml"))
            .env("TEST_MODEL_KEY", KEY)
            .current_dir(self.dir.path());
        command
    }

    /// Takes requests from now on.
    pub(crate) fn serve(&self) -> &Self {
        *self.serving.borrow_mut() = Some(Process::start(
            self.command(&["serve", "--migrate"]),
            "taking requests",
        ));
        self
    }

    /// Works on them from now on.
    pub(crate) fn work(&self) -> &Self {
        *self.working.borrow_mut() = Some(Process::start(
            self.command(&["work", "--migrate"]),
            "working on reviews",
        ));
        self
    }

    /// Where requests are taken.
    pub(crate) fn place(&self) -> String {
        self.serving.borrow().as_ref().unwrap().place.clone()
    }

    /// Where the worker tells how it is.
    pub(crate) fn worker_place(&self) -> String {
        let working = self.working.borrow();
        let line = working
            .as_ref()
            .unwrap()
            .wait_for("telling health and numbers");
        let said: Value = serde_json::from_str(&line).unwrap();
        said["listen"].as_str().unwrap().to_owned()
    }

    /// Tells the process that takes requests to read its allow-list again, and waits until it says so.
    pub(crate) fn reload(&self, told: &str) {
        let serving = self.serving.borrow();
        let serving = serving.as_ref().unwrap();
        let id = serving.child.0.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-HUP", &id])
                .status()
                .unwrap()
                .success()
        );
        serving.wait_for(told);
    }

    /// All that both processes have logged.
    pub(crate) fn log(&self) -> String {
        let of = |process: &RefCell<Option<Process>>| {
            process
                .borrow()
                .as_ref()
                .map(|it| it.log.lock().unwrap().clone())
                .unwrap_or_default()
        };
        of(&self.serving) + &of(&self.working)
    }

    /// A request for a review of this version, by its own key.
    pub(crate) fn request(changelist: u64, version: u64) -> Value {
        json!({
            "changelist_id": changelist,
            "review_version": version,
            "idempotency_key": format!("{changelist}/{version}"),
            "recipients": ["ada@example.org"],
        })
    }

    pub(crate) fn post(&self, body: &Value) -> Answer {
        client::post(&self.place(), &body.to_string(), "")
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        client::get(&self.place(), path)
    }

    /// Asks for a review and gives back where it is told how far it is.
    pub(crate) fn ask(&self, changelist: u64) -> String {
        let answer = self.post(&Self::request(changelist, 1));
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.header("location").unwrap().to_owned()
    }

    /// How far a review is, once it is in that state.
    pub(crate) fn wait(&self, place: &str, state: &str) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let answer = self.get(place);
            assert_eq!(answer.status, 200, "{answer:?}");
            let told = answer.json();
            if told["state"] == state {
                return told;
            }
            assert!(
                Instant::now() < until,
                "not {state}: {told:#}\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the process that takes requests has counted so many.
    pub(crate) fn wait_for_number(&self, line: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.get("/metrics").body.lines().any(|said| said == line) {
            assert!(Instant::now() < until, "{line} was not counted");
        }
    }

    /// Waits until one of the processes has logged this: what it answered may come first.
    pub(crate) fn wait_for_log(&self, text: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.log().contains(text) {
            assert!(
                Instant::now() < until,
                "{text} was not logged:\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What is on record of an action, the first one first.
    pub(crate) fn audited(&self, action: &str) -> Vec<AuditEntry> {
        let filter = AuditFilter {
            action: Some(action.to_owned()),
            ..AuditFilter::default()
        };
        self.with_store(async |store| {
            let list = store
                .audit(&filter, AuditPage::oldest(100).unwrap())
                .await
                .unwrap();
            list.records
                .into_iter()
                .map(|record| record.entry)
                .collect()
        })
    }

    /// Whether a text is anywhere in the database, as whoever gets hold of it would look for it.
    pub(crate) fn has_stored(&self, text: &str) -> bool {
        let bytes = if self.url.starts_with("sqlite:") {
            let files = fs::read_dir(self.dir.path())
                .unwrap()
                .map(|file| file.unwrap().path());
            let of_it = files.filter(|path| path.to_string_lossy().contains("/jobs.db"));
            of_it.flat_map(|path| fs::read(path).unwrap()).collect()
        } else {
            let dump = PostgresCluster::shared().binaries().join("pg_dump");
            let dumped = Command::new(dump).arg(&self.url).output().unwrap();
            assert!(dumped.status.success(), "{dumped:?}");
            dumped.stdout
        };
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let has = |wanted: &[u8]| bytes.windows(wanted.len()).any(|part| part == wanted);
        has(text.as_bytes()) || has(hex.as_bytes())
    }

    /// Does something to the database, as another process.
    pub(crate) fn with_store<T>(&self, work: impl AsyncFnOnce(Arc<dyn Store>) -> T) -> T {
        self.runtime.block_on(async {
            let opened = Database::parse(&self.url).unwrap().open().await.unwrap();
            let result = work(Arc::clone(&opened.store)).await;
            drop(opened.store);
            opened.backend.close().await;
            result
        })
    }
}

impl Process {
    fn start(mut command: Command, ready: &str) -> Self {
        let mut child = command
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        let log = Arc::<Mutex<String>>::default();
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in errors.lines() {
                let Ok(line) = line else { break };
                let mut log = kept.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
                drop(log);
                drop(sender.send(line));
            }
        });
        let mut process = Self {
            child: Guarded(child),
            lines,
            log,
            place: String::new(),
        };
        let line = process.wait_for(ready);
        let said: Value = serde_json::from_str(&line).unwrap();
        process.place = said["listen"].as_str().unwrap_or_default().to_owned();
        process
    }

    /// The next line that has this.
    fn wait_for(&self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.contains(text) => return line,
                Ok(_) => {}
                Err(_) => panic!("it did not say {text:?}:\n{}", self.log.lock().unwrap()),
            }
        }
    }
}
