//! The code of the catalogue that comes of a server that is not there.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::net::TcpListener;

use fixtures::catalogue::{Place, class_of, run};
use queue_core::catalogue::Code;
use queue_postgres::PostgresStore;

#[test]
fn what_an_entry_tells_of_gives_its_code() {
    Place::Postgres.provoke(&[(Code::StoreUnavailable, || run(unavailable()))]);
}

async fn unavailable() -> String {
    // The port was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let url = format!("postgres://nobody@127.0.0.1:{port}/jobs");
    class_of(PostgresStore::connect(&url).await.unwrap_err())
}
