//! Both kinds of databases, by their URLs.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test reports"
)]

use fixtures::postgres::PostgresCluster;
use queue_core::Page;
use queue_core::migration::MigrationTarget;
use queue_ops::{Backend, Database, Exit};

async fn a_life(database: &Database) {
    let refused = database.open().await.unwrap_err();
    assert_eq!(
        Exit::of(&refused),
        Exit::Schema,
        "opening makes no schema: {refused}"
    );
    let newest = database.migrate().await.unwrap();
    let survey = database.survey().await.unwrap();
    assert_eq!((survey.found, survey.newest), (newest, newest));
    let opened = database.open().await.unwrap();
    assert!(
        opened
            .store
            .live(Page::first(1).unwrap())
            .await
            .unwrap()
            .is_empty()
    );
    match (&opened.backend, database.kind()) {
        (Backend::Sqlite(_), "sqlite") | (Backend::Postgres(_), "postgres") => {}
        other => panic!("{other:?}"),
    }
    drop(opened.store);
    opened.backend.close().await;
    database
        .migrate_to(MigrationTarget::Version(0))
        .await
        .unwrap();
    assert_eq!(database.survey().await.unwrap().found, 0);
}

#[tokio::test]
async fn a_file_lives_from_its_schema_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    // What the URL says of creating is for libraries.
    let url = format!("sqlite:{}?create=true&migrate=true", path.display());
    let database = Database::parse(&url).unwrap();
    assert!(!database.is_there());
    let refused = database.open().await.unwrap_err();
    assert_eq!(Exit::of(&refused), Exit::Config);
    assert!(
        refused
            .to_string()
            .contains("let `leasehold migrate up` make it"),
        "{refused}"
    );
    assert!(database.survey().await.is_err() && !path.exists());
    std::fs::write(&path, "").unwrap();
    a_life(&database).await;
}

#[tokio::test]
async fn a_database_of_a_server_lives_from_its_schema_on() {
    let url = PostgresCluster::shared().create_database() + "&migrate=true";
    a_life(&Database::parse(&url).unwrap()).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let database = Database::parse("postgres://ops:hunter2@localhost:1/app").unwrap();
    let error = database.open().await.unwrap_err();
    assert_eq!(Exit::of(&error), Exit::Unavailable);
    assert!(!format!("{error} {database:?}").contains("hunter2"));
}
