//! A private Prometheus that scrapes every second, and what it answers.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::PATIENCE;
use crate::tool::tool;

/// Looks at four scrapes at least, as Grafana makes it of the interval of scrapes.
pub(crate) const RATE_INTERVAL: &str = "10s";

/// A series: its labels, and its values by their times in Unix seconds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) points: Vec<(f64, f64)>,
}

/// It runs until it is dropped.
pub(crate) struct Prometheus {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

/// A port that nobody has just now.
pub(crate) fn free_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Of the package that has `promtool`, too.
fn program() -> PathBuf {
    tool("PROMTOOL", "promtool").with_file_name("prometheus")
}

impl Prometheus {
    /// Scrapes a daemon and a service, as two instances of a job.
    pub(crate) fn start(daemon: SocketAddr, service: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("prometheus.yml");
        let text = format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs:\n  - job_name: leasehold\n    static_configs:\n\
             \x20     - targets: ['{daemon}', '{service}']\n"
        );
        std::fs::write(&config, text).unwrap();
        let address = free_port();
        let child = Command::new(program())
            .arg(format!("--config.file={}", config.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .arg("--log.level=error")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let this = Self {
            child: child.expect("prometheus runs; `cargo xtask test` installs it"),
            address,
            _folder: folder,
        };
        this.get("/-/ready");
        this
    }

    /// What is answered with success; what is not yet is asked again.
    fn get(&self, path: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let answer = self.ask(path).unwrap_or_default();
            if let Some((head, body)) = answer.split_once("\r\n\r\n") {
                if head.split(' ').nth(1) == Some("200") {
                    return body.to_owned();
                }
                assert!(!head.contains(" 400 "), "{path}: {body}");
            }
            assert!(
                Instant::now() < until,
                "prometheus does not answer {path}: {answer}"
            );
            std::thread::yield_now();
        }
    }

    fn ask(&self, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        // Without chunks.
        write!(stream, "GET {path} HTTP/1.0\r\nhost: x\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// What held between two times, at every step, in Unix seconds.
    pub(crate) fn between(&self, query: &str, start: f64, end: f64, step: f64) -> Vec<Series> {
        let query = encoded(query);
        let path = format!("/api/v1/query_range?query={query}&start={start}&end={end}&step={step}");
        let answer: Value = serde_json::from_str(&self.get(&path)).unwrap();
        let found = answer["data"]["result"].as_array().unwrap().iter();
        found
            .map(|series| {
                let labels = series["metric"].as_object().unwrap().iter();
                let label = |(name, value): (&String, &Value)| {
                    (name.clone(), value.as_str().unwrap().to_owned())
                };
                let points = series["values"].as_array().unwrap().iter().map(of);
                Series {
                    labels: labels.map(label).collect(),
                    points: points
                        .into_iter()
                        .filter(|(_, value)| value.is_finite())
                        .collect(),
                }
            })
            .filter(|series| !series.points.is_empty())
            .collect()
    }
}

/// `[1700000000.5, "42"]`
fn of(point: &Value) -> (f64, f64) {
    let value = point[1].as_str().unwrap();
    (point[0].as_f64().unwrap(), value.parse().unwrap())
}

fn encoded(query: &str) -> String {
    let bytes = query.bytes();
    let one = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    bytes.map(one).collect()
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
