//! The example with a web interface works.
#![expect(
    clippy::unwrap_used,
    dead_code,
    reason = "a panic is how a test reports, and the example's main is not called"
)]

#[path = "../examples/web.rs"]
mod web;

use std::time::Duration;

use fixtures::postgres::PostgresCluster;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

async fn post(address: std::net::SocketAddr, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /orders HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_order_gets_one_invoice() {
    let cluster = PostgresCluster::shared();
    let url = cluster.create_database();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let migrating = format!("{url}&migrate=true");
    let serving = tokio::spawn(async move {
        let stop = async { drop(stopped.await) };
        web::serve(&migrating, listener, stop).await
    });
    for _ in 0..20 {
        let answer = post(address, r#"{"customer": "ada", "cents": 4200}"#).await;
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
    let refused = post(address, "{}").await;
    assert!(refused.starts_with("HTTP/1.1 422"), "{refused}");

    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    let count = async |sql: &'static str| -> i64 {
        sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
    };
    let all = async {
        while count("SELECT count(*) FROM invoices").await < 20 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all)
        .await
        .unwrap();
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    let done = "SELECT count(*) FROM leasehold.jobs WHERE state = 'succeeded'";
    assert_eq!(count(done).await, 20);
}
