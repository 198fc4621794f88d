//! The SQL of the pages, page by page and in its order, on both databases.

use book::block::Note;
use fixtures::postgres::PostgresCluster;
use queue_postgres::PostgresOptions;
use queue_sqlite::SqliteStore;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::pages;

/// Statements for one of the databases, with the place of their block.
fn statements(database: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut all = Vec::new();
    for page in pages() {
        let path = page.path.display().to_string();
        let mut of_page = Vec::new();
        for block in page.blocks().unwrap() {
            if block.language() == "sql" && block.note == Some(Note::On(database.to_owned())) {
                let place = format!("{path}:{}", block.line);
                let statements = block.text.split_inclusive(";\n").map(str::trim);
                let statements = statements.filter(|statement| !statement.is_empty());
                of_page.extend(statements.map(|text| (place.clone(), text.to_owned())));
            }
        }
        if !of_page.is_empty() {
            all.push((path, of_page));
        }
    }
    all
}

#[tokio::test]
async fn on_postgres() {
    let pages = statements("postgres");
    assert!(!pages.is_empty());
    for (_, statements) in pages {
        let url = PostgresCluster::shared().create_database();
        PostgresOptions::new(&url).unwrap().migrate().await.unwrap();
        let mut connection = PgConnection::connect(&url).await.unwrap();
        for (place, statement) in statements {
            let ran = connection.fetch_all(AssertSqlSafe(statement.clone())).await;
            assert!(ran.is_ok(), "{place}: {statement}: {ran:?}");
        }
    }
}

#[tokio::test]
async fn on_sqlite() {
    let pages = statements("sqlite");
    assert!(!pages.is_empty());
    for (_, statements) in pages {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("app.db");
        let _store = SqliteStore::open(&path).await.unwrap();
        let connection = rusqlite::Connection::open(&path).unwrap();
        for (place, statement) in statements {
            let ran = connection.prepare(&statement).and_then(|mut statement| {
                let mut rows = statement.query([])?;
                while rows.next()?.is_some() {}
                Ok(())
            });
            assert!(ran.is_ok(), "{place}: {statement}: {ran:?}");
        }
    }
}
