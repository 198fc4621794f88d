//! What a collector gets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;

use serde_json::Value;

use crate::harness::{PATIENCE, Place, output};

/// Takes what is sent by POST, and says thanks.
fn collector() -> (String, mpsc::Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, taken) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                if let Some(said) = line.to_lowercase().strip_prefix("content-length:") {
                    length = said.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\
                          Connection: close\r\n\r\n{}";
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
            let _ = sender.send(serde_json::from_slice(&body).unwrap());
        }
    });
    (format!("http://{address}/v1/traces"), taken)
}

#[tokio::test]
async fn each_pass_is_a_span_and_none_is_lost_at_the_end() {
    let place = Place::sqlite().await;
    let (endpoint, taken) = collector();
    let mut program = place.program();
    program.arg("--once").env("LEASEHOLD_LOG_TRACES", endpoint);
    let (code, said, wrong) = output(&mut program);
    assert_eq!(code, 0, "{said}{wrong}");
    let traces = taken.recv_timeout(PATIENCE).unwrap();
    let of = &traces["resourceSpans"][0];
    assert!(
        of["resource"].to_string().contains("leasehold-sweeper"),
        "{traces}"
    );
    let spans = of["scopeSpans"][0]["spans"].as_array().unwrap();
    assert!(spans.iter().all(|span| span["name"] == "pass"), "{traces}");
    assert_eq!(spans.len(), said.lines().count(), "{traces}");
    let all = traces.to_string();
    for line in said.lines() {
        let name = line.split('\t').next().unwrap();
        assert!(
            all.contains(&format!("\"stringValue\":\"{name}\"")),
            "{name}: {all}"
        );
    }
}

#[tokio::test]
async fn a_collector_that_is_none_is_refused_or_missed_without_harm() {
    let place = Place::sqlite().await;
    let mut program = place.program();
    program
        .arg("--once")
        .env("LEASEHOLD_LOG_TRACES", "collector:4318");
    let (code, _, wrong) = output(&mut program);
    assert_eq!(code, 78, "{wrong}");
    assert!(
        wrong.contains("like http://127.0.0.1:4318/v1/traces"),
        "{wrong}"
    );
    // Nobody listens there.
    let mut program = place.program();
    program
        .arg("--once")
        .env("LEASEHOLD_LOG_TRACES", "http://127.0.0.1:1/v1/traces");
    let (code, said, wrong) = output(&mut program);
    assert_eq!(code, 0, "{said}{wrong}");
}
