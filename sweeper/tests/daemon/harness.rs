//! A database, the program on it, and what it says: to its log, to its service manager, over HTTP.

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fixtures::postgres::PostgresCluster;
use queue_core::{
    ChannelName, ClaimRequest, EnqueueBatch, JobId, KindName, NewJob, NotificationId,
    NotificationState, Payload, PublishBatch, QueueName, Store, WorkerName,
};
use queue_ops::Database;
use tempfile::TempDir;

/// Longer than anything here takes on a machine that is busy with other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_leasehold-sweeper");

/// A migrated, empty database.
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) dir: TempDir,
}

impl Place {
    pub(crate) async fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("jobs.db").display());
        Self::at(url, dir).await
    }

    pub(crate) async fn postgres() -> Self {
        Self::on(PostgresCluster::shared()).await
    }

    pub(crate) async fn on(cluster: &PostgresCluster) -> Self {
        Self::at(cluster.create_database(), tempfile::tempdir().unwrap()).await
    }

    async fn at(url: String, dir: TempDir) -> Self {
        Database::parse(&url).unwrap().migrate().await.unwrap();
        Self { url, dir }
    }

    pub(crate) async fn store(&self) -> Arc<dyn Store> {
        Database::parse(&self.url)
            .unwrap()
            .open()
            .await
            .unwrap()
            .store
    }

    /// The file, past the store.
    pub(crate) fn rusqlite(&self) -> queue_sqlite::rusqlite::Connection {
        let file = self.url.strip_prefix("sqlite:").unwrap();
        queue_sqlite::rusqlite::Connection::open(file).unwrap()
    }

    /// A program on it, not started yet, that serves on a socket and looks often.
    pub(crate) fn program(&self) -> Command {
        let mut command = program();
        command.env("LEASEHOLD_DATABASE_URL", &self.url).env(
            "LEASEHOLD_HTTP_LISTEN",
            format!("unix:{}", self.socket().display()),
        );
        for every in [
            "LEASES",
            "DOUBTS",
            "SCHEDULES",
            "STATISTICS",
            "ESCALATIONS",
            "AUDIT",
        ] {
            command.env(format!("LEASEHOLD_SWEEPER_{every}_EVERY"), "100ms");
        }
        command.env("LEASEHOLD_SWEEPER_LEADER_LEASE", "600ms");
        command
    }

    /// What a channel `log` has written.
    pub(crate) fn delivered(&self) -> PathBuf {
        self.dir.path().join("delivered.jsonl")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join("http.sock")
    }

    /// The answer of the program that serves on this place's socket.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        get(&self.socket(), path)
    }
}

/// A program that also delivers: by a channel `log` into a file of the place, and that tells of jobs that died again.
pub(crate) fn delivering(place: &Place) -> Command {
    let config = place.dir.path().join("leasehold.toml");
    let path = place.delivered();
    let text = format!(
        "[channels.log]\ntype = \"file\"\npath = {path:?}\n\n[[escalations]]\nname = \"again\"\n\
         events = [\"job_died_again\"]\nto = [{{ channel = \"log\", recipient = \"on-call\" }}]\n"
    );
    std::fs::write(&config, text).unwrap();
    let mut command = place.program();
    command.arg("--config").arg(config);
    command
}

/// Publishes a message on its channel.
pub(crate) async fn publish(store: &dyn Store, recipient: &str) -> NotificationId {
    let mut message = fixtures::bed::message(recipient);
    message.intent.channel = ChannelName::new("log").unwrap();
    let batch = PublishBatch::new(vec![message]).unwrap();
    store.publish(batch).await.unwrap()[0].id()
}

/// Waits until it was sent.
pub(crate) async fn until_sent(store: &dyn Store, id: NotificationId) {
    let until = Instant::now() + PATIENCE;
    loop {
        let row = store.notification(id).await.unwrap().unwrap();
        if row.state == NotificationState::Sent {
            return;
        }
        assert!(Instant::now() < until, "{row:?}");
        tokio::task::yield_now().await;
    }
}

/// The program in an empty environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().stdin(Stdio::null());
    command
}

/// A job whose worker died with it, and whose lease has run out.
pub(crate) async fn abandoned_job(store: &dyn Store) -> JobId {
    abandoned_jobs(store, 1).await[0]
}

/// So many of them.
pub(crate) async fn abandoned_jobs(store: &dyn Store, jobs: usize) -> Vec<JobId> {
    let queue = QueueName::new("mail").unwrap();
    let kind = KindName::new("send_invoice").unwrap();
    let job = NewJob::new(queue.clone(), kind, Payload::json(&42).unwrap());
    let batch = EnqueueBatch::new(vec![job; jobs]).unwrap();
    store.enqueue(batch).await.unwrap();
    let worker = WorkerName::new("w").unwrap();
    let request = ClaimRequest::new(worker, vec![queue], 1000).unwrap();
    let claimed = store
        .claim(request.lease_for(Duration::from_millis(100)).unwrap())
        .await
        .unwrap();
    assert!(claimed.len() >= jobs);
    let end = claimed[0].lease.expires_at();
    while store.now().await.unwrap() < end {
        tokio::task::yield_now().await;
    }
    claimed.iter().map(|claimed| claimed.lease.job()).collect()
}

/// A program that runs.
pub(crate) struct Running {
    pub(crate) child: Child,
    log: Receiver<String>,
    pub(crate) said: Arc<Mutex<Vec<String>>>,
    notify: Option<UnixDatagram>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (lines, log) = channel();
        let said = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                kept.lock().unwrap().push(line.clone());
                // Nobody may be listening any more.
                let _ = lines.send(line);
            }
        });
        Self {
            child,
            log,
            said,
            notify: None,
        }
    }

    /// Under a service manager whose part the test plays.
    pub(crate) fn start_managed(mut command: Command, dir: &Path) -> Self {
        let path = dir.join(format!("notify-{}", rand_name()));
        let socket = UnixDatagram::bind(&path).unwrap();
        // The program may run as somebody else.
        std::fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        command.env("NOTIFY_SOCKET", &path);
        let mut running = Self::start(command);
        running.notify = Some(socket);
        running
    }

    /// Waits for a line of the log.
    pub(crate) fn hears(&self, part: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.log.recv_timeout(left) {
                Ok(line) if line.contains(part) => return line,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("not said: {part}\n{}", self.said.lock().unwrap().join("\n"))
                }
            }
        }
    }

    /// The next message to the service manager.
    pub(crate) fn message(&self) -> String {
        self.message_within(PATIENCE).expect("a message")
    }

    pub(crate) fn message_within(&self, patience: Duration) -> Option<String> {
        let socket = self.notify.as_ref().unwrap();
        socket.set_read_timeout(Some(patience)).unwrap();
        let mut buffer = [0; 4096];
        let length = socket.recv(&mut buffer).ok()?;
        Some(String::from_utf8(buffer[..length].to_vec()).unwrap())
    }

    /// Waits for a message to the service manager.
    pub(crate) fn tells(&self, part: &str) -> String {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let message = self.message();
            if message.contains(part) {
                return message;
            }
        }
        panic!("not told: {part}\n{}", self.said.lock().unwrap().join("\n"))
    }

    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn ends(mut self) -> (ExitStatus, Vec<String>) {
        let status = self.child.wait().unwrap();
        // What is left in the pipe.
        while self.log.recv_timeout(PATIENCE).is_ok() {}
        let said = self.said.lock().unwrap().clone();
        (status, said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn rand_name() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Runs it to its end.
pub(crate) fn output(command: &mut Command) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    (
        status.code().unwrap(),
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}

/// What is answered to these bytes.
pub(crate) fn send(socket: &Path, request: &[u8]) -> String {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // What is too large is not read to its end.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

/// Asks again where nothing was answered: on a machine that stands still for a while a request is not served to its end.
pub(crate) fn get(socket: &Path, path: &str) -> (u16, String) {
    let until = Instant::now() + PATIENCE;
    loop {
        let answer = send(socket, request(path).as_bytes());
        if !answer.is_empty() {
            return parsed(&answer);
        }
        assert!(Instant::now() < until, "{path}: nothing is answered");
    }
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
}

/// As [`get`], from a port.
pub(crate) fn get_from(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request(path).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    parsed(&answer)
}

fn parsed(answer: &str) -> (u16, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

/// Asks until it answers with this status.
pub(crate) fn until_status(place: &Place, path: &str, status: u16) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        let (found, body) = place.get(path);
        if found == status {
            return body;
        }
        assert!(Instant::now() < until, "{path}: {found} {body}");
        std::thread::yield_now();
    }
}
