//! What an incident happens to: a database, the programs on it, a prompt.

mod door;
mod metrics;
mod orders;
mod prompt;
pub(crate) mod report;
mod server;
pub(crate) mod shop;
pub(crate) mod systemd;
mod unit;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fixtures::postgres::PostgresCluster;
use queue_core::{QueueName, Store};
use queue_ops::Database;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) use orders::QUEUE;
pub(crate) use prompt::{Ended, Prompt};
pub(crate) use unit::Unit;

use crate::role::Role;
use door::Door;
use metrics::Test;
use server::Server;
use systemd::Manager;

/// Longer than anything here takes on a machine that is busy with other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The daemon's unit.
pub(crate) const SWEEPER: &str = "leasehold-sweeper";
/// The service's unit.
pub(crate) const SHOP: &str = "shop";

/// All of it, in a folder of its own; whatever runs ends with it.
pub(crate) struct Scene {
    /// `sqlite` or `postgres`.
    pub(crate) database: &'static str,
    url: RefCell<String>,
    server: Option<Server>,
    pub(crate) runtime: Runtime,
    pub(crate) prompt: RefCell<Prompt>,
    pub(crate) manager: Manager,
    values: RefCell<HashMap<String, String>>,
    dir: TempDir,
    sockets: TempDir,
    door: Door,
}

impl Scene {
    /// A migrated database without anything in it. Programs find the roles that this executable plays in their `PATH`.
    pub(crate) fn new(database: &'static str, is_alone: bool, program: &Path) -> Self {
        // Beside the program, on a disk: in memory, as /tmp may be, `doctor` would find that nothing survives. Sockets have
        // short paths only.
        let dir = tempfile::tempdir_in(program.parent().unwrap()).unwrap();
        let sockets = tempfile::tempdir_in("/tmp").unwrap();
        let server = (database == "postgres").then(|| Server::start(is_alone));
        let url = match &server {
            Some(server) => server.create_database(),
            None => format!("sqlite:{}", dir.path().join("jobs.db").display()),
        };
        let bin = dir.path().join("bin");
        fs::create_dir(&bin).unwrap();
        for role in Role::ALL {
            symlink(program, bin.join(role.name())).unwrap();
        }
        let mut path = vec![bin];
        path.extend(server.iter().map(|server| server.binaries().to_path_buf()));
        path.extend(fixtures::curl::folder());
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        path.extend(std::env::split_paths(&inherited));
        let path = std::env::join_paths(path).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let systemd = sockets.path().join("systemd.sock");
        let manager = Manager::start(&systemd, &dir.path().join("logs"), path.clone());
        let home = dir.path().join("desk");
        fs::create_dir(&home).unwrap();
        let prompt = Prompt::start(&home, &path, &systemd);
        // As the daemon's default is, and as a packaged one may be.
        let door = match &server {
            Some(_) => Door::port(),
            None => Door::socket(sockets.path()),
        };
        let scene = Self {
            database,
            url: RefCell::new(url),
            server,
            runtime,
            prompt: RefCell::new(prompt),
            manager,
            values: RefCell::default(),
            dir,
            sockets,
            door,
        };
        scene.migrate();
        scene.lead_to(&scene.url());
        scene.value("LEASEHOLD_CONFIG", &scene.config().display().to_string());
        scene.value("SWEEPER", &scene.door.by_curl());
        scene.value("SERVICE", SHOP);
        scene.configure("");
        scene
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.database == "sqlite"
    }

    pub(crate) fn url(&self) -> String {
        self.url.borrow().clone()
    }

    /// From now on this is the database.
    pub(crate) fn lead_to(&self, url: &str) {
        url.clone_into(&mut self.url.borrow_mut());
        self.value("LEASEHOLD_DATABASE_URL", url);
    }

    /// Makes the schema.
    pub(crate) fn migrate(&self) {
        let url = self.url();
        self.block_on(async { Database::parse(&url).unwrap().migrate().await.unwrap() });
    }

    /// The server, where the database is Postgres.
    pub(crate) fn postgres(&self) -> &PostgresCluster {
        self.server.as_ref().expect("this drill is on Postgres")
    }

    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// What stands behind `export NAME=` here, whatever the page has there.
    pub(crate) fn value(&self, name: &str, value: &str) {
        let mut values = self.values.borrow_mut();
        values.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn value_of(&self, name: &str) -> Option<String> {
        self.values.borrow().get(name).cloned()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("leasehold.toml")
    }

    /// Writes the configuration: with this in it, looking often.
    pub(crate) fn configure(&self, more: &str) {
        self.configure_at(&format!("url = {:?}", self.url()), more);
    }

    /// The same with this in `[database]`.
    pub(crate) fn configure_at(&self, database: &str, more: &str) {
        let text = format!(
            "[database]\n{database}\n[log]\nlevel = \"info,sqlx=error\"\n\
             [sweeper]\nleases_every = \"100ms\"\ndoubts_every = \"100ms\"\nschedules_every = \"100ms\"\n\
             statistics_every = \"100ms\"\nescalations_every = \"100ms\"\naudit_every = \"100ms\"\n\
             leader_lease = \"600ms\"\nset_aside_for = \"300ms\"\nstop_timeout = \"2s\"\n\
             [http]\nlisten = \"{}\"\n\
             [delivery]\ngrace = \"1s\"\nreconcile_every = \"100ms\"\n{more}\n",
            self.door.listen()
        );
        fs::write(self.config(), text).unwrap();
    }

    /// Starts the daemon, and waits until all of its loops run.
    pub(crate) fn start_sweeper(&self) {
        let program = self.path("bin/leasehold-sweeper");
        // A file that may not grow any more is an error to it, as on a disk that is full, and no signal.
        let (program, config) = (program.display().to_string(), self.config());
        let start = "trap '' XFSZ; exec \"$0\" --config \"$1\"";
        let words = ["-c", start, &program, &config.display().to_string()];
        let unit = Unit::new("sh".as_ref(), &words);
        self.manager.install(
            SWEEPER,
            unit.notifying(&self.sockets.path().join("notify.sock")),
        );
        self.manager.must("start", SWEEPER);
    }

    /// As somebody has limited the queue of orders before any of this.
    pub(crate) fn limit_queue(&self, limit: u32) {
        self.must_run(&format!(
            "leasehold queue limits {QUEUE} --max-running {limit} --new --reason 'as many as the bank takes, OPS-3'"
        ));
        self.value("LIMIT", &limit.to_string());
    }

    pub(crate) fn queue_is_limited_to(&self, limit: u32) {
        let name = QueueName::new(QUEUE).unwrap();
        let found = self.with_store(async |store| {
            let queues = store.queues().await.unwrap();
            let queue = queues.into_iter().find(|queue| queue.queue == name);
            queue.and_then(|queue| queue.max_running)
        });
        assert_eq!(found, Some(limit), "somebody's own limit is gone");
    }

    /// Opens the database, as another process would.
    pub(crate) fn with_store<T>(&self, work: impl AsyncFnOnce(Arc<dyn Store>) -> T) -> T {
        self.block_on(async {
            let opened = Database::parse(&self.url()).unwrap().open().await.unwrap();
            let result = work(Arc::clone(&opened.store)).await;
            drop(opened.store);
            opened.backend.close().await;
            result
        })
    }

    /// A command that is no part of the page, and must work.
    pub(crate) fn must_run(&self, command: &str) -> Ended {
        let config = self.config().display().to_string();
        let command = format!("LEASEHOLD_CONFIG={config} {command}\n");
        let ended = self.prompt.borrow_mut().run(&command);
        assert_eq!(ended.code, 0, "{command}{}", ended.prose);
        ended
    }

    /// Waits until the daemon's metrics say this.
    pub(crate) fn until_metric(&self, test: &str) {
        let test: Test = test.parse().unwrap_or_else(|said| panic!("{test}: {said}"));
        let mut seen = String::new();
        let held = until(|| {
            seen = self.door.get("/metrics").1;
            test.holds(&seen)
        });
        let named: Vec<&str> = seen
            .lines()
            .filter(|line| line.starts_with(test.name()))
            .collect();
        assert!(held, "the metrics never said {test}: {named:#?}");
    }

    /// Waits until the daemon answers with this status.
    pub(crate) fn until_status(&self, path: &str, status: u16) -> String {
        let mut body = String::new();
        let answered = until(|| {
            let (found, said) = self.door.get(path);
            body = said;
            found == status
        });
        assert!(answered, "{path} never answered {status}: {body}");
        body
    }

    /// Waits for something in the database.
    pub(crate) fn until_store(&self, what: &str, mut seen: impl AsyncFnMut(&dyn Store) -> bool) {
        self.with_store(async |store| {
            let began = Instant::now();
            while !seen(&*store).await {
                assert!(began.elapsed() < PATIENCE, "it never came to this: {what}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
    }

    /// SQL by whoever owns the database. Tables are named as on Postgres.
    pub(crate) fn sql(&self, statements: &str) -> String {
        match &self.server {
            Some(server) => {
                let url = self.url();
                let name = url.split('?').next().unwrap().rsplit('/').next().unwrap();
                server.sql(name, statements).unwrap()
            }
            None => {
                let statements = statements.replace("leasehold.", "leasehold_");
                let connection = queue_sqlite::rusqlite::Connection::open(self.path("jobs.db"));
                connection.unwrap().execute_batch(&statements).unwrap();
                String::new()
            }
        }
    }
}

/// Looks until it is so, or for long enough.
pub(crate) fn until(mut is_so: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while !is_so() {
        if began.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    true
}
