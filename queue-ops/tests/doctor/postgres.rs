//! Servers that are as they should not be.

use std::time::Duration;

use fixtures::pgbouncer::PgBouncer;
use fixtures::postgres::PostgresCluster;
use queue_core::Code;
use queue_ops::Database;
use queue_ops::doctor::{BackendFacts, Facts, Pulse, Severity, Survival, judge};
use queue_postgres::sqlx::{Connection, Executor, PgConnection};
use queue_postgres::{Listening, Pooler, PostgresFacts};

async fn migrated(cluster: &PostgresCluster) -> String {
    let url = cluster.create_database();
    Database::parse(&url).unwrap().migrate().await.unwrap();
    url
}

async fn examine(url: &str) -> Facts {
    Database::parse(url).unwrap().examine(false).await.unwrap()
}

fn of(facts: &Facts) -> &PostgresFacts {
    match &facts.backend {
        BackendFacts::Postgres(facts) => facts,
        other => panic!("{other:?}"),
    }
}

/// Without what is so of every cluster of the tests: its role, its checksums and its timeouts.
fn codes(facts: &Facts) -> Vec<(Code, Severity)> {
    let usual = [
        Code::RolePowerful,
        Code::ChecksumsOff,
        Code::IdleTransactionsUnbounded,
    ];
    let found = judge(facts).findings;
    let found = found.iter().map(|it| (it.code, it.severity));
    found.filter(|(code, _)| !usual.contains(code)).collect()
}

#[tokio::test]
async fn a_server_with_the_settings_of_production_is_sound() {
    let cluster = PostgresCluster::start_durable();
    let url = migrated(&cluster).await;
    let facts = examine(&url).await;
    assert_eq!(codes(&facts), []);
    let guarantee = judge(&facts).guarantee;
    assert_eq!(guarantee.machine, Survival::Everything);
    assert_eq!(guarantee.loss, Survival::OnlyBackups);
    let read = of(&facts);
    assert!(
        read.tables.iter().any(|table| table.name == "job"),
        "{:?}",
        read.tables
    );
    assert!(
        read.local && read.server.superuser && read.unseen.is_empty(),
        "{read:?}"
    );
    let near = read.clock_ahead_micros.abs() <= read.clock_within_micros + 1_000;
    assert!(near, "it is the same clock: {read:?}");

    // A role can ask for less, and it is our session that counts.
    cluster
        .sql(
            "postgres",
            "ALTER ROLE postgres SET synchronous_commit = off",
        )
        .unwrap();
    let facts = examine(&url).await;
    assert_eq!(codes(&facts), [(Code::CommitUnsynced, Severity::Warning)]);
    assert_eq!(judge(&facts).guarantee.process, Survival::NotTheLast);
}

#[tokio::test]
async fn a_server_that_forgets_is_seen() {
    let cluster = PostgresCluster::start();
    let facts = examine(&migrated(&cluster).await).await;
    let wanted = [
        (Code::FsyncOff, Severity::Danger),
        (Code::FullPageWritesOff, Severity::Danger),
        (Code::CommitUnsynced, Severity::Warning),
    ];
    assert_eq!(codes(&facts), wanted);
    assert_eq!(judge(&facts).guarantee.machine, Survival::PerhapsNothing);
}

async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) {
    for _ in 0..3_000 {
        if is().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never happened that {what}");
}

#[tokio::test]
async fn a_standby_that_is_really_there_counts_and_one_that_is_only_named_does_not() {
    let cluster = PostgresCluster::start_durable();
    let url = migrated(&cluster).await;
    let standby = cluster.start_standby("second");
    until("the standby streams", async || {
        of(&examine(&url).await).standbys.unwrap().streaming == 1
    })
    .await;
    assert_eq!(
        judge(&examine(&url).await).guarantee.loss,
        Survival::NotTheLast
    );

    cluster
        .sql(
            "postgres",
            "ALTER SYSTEM SET synchronous_standby_names = 'second'",
        )
        .unwrap();
    cluster.sql("postgres", "SELECT pg_reload_conf()").unwrap();
    until("it is waited for", async || {
        of(&examine(&url).await).standbys.unwrap().synchronous == 1
    })
    .await;
    let facts = examine(&url).await;
    assert_eq!(codes(&facts), []);
    assert_eq!(judge(&facts).guarantee.loss, Survival::Everything);

    // The standby itself shows what may be old, and opens no store.
    let there = url.replace(
        &cluster.socket_directory().display().to_string(),
        &standby.socket_directory().display().to_string(),
    );
    let found = codes(&examine(&there).await);
    assert!(
        found.contains(&(Code::DatabaseIsStandby, Severity::Danger)),
        "{found:?}"
    );
    assert!(
        found.contains(&(Code::StoreRefused, Severity::Danger)),
        "{found:?}"
    );

    drop(standby);
    until("it is gone", async || {
        let options = queue_postgres::PostgresOptions::new(&url).unwrap();
        options.facts().await.unwrap().standbys.unwrap().connected == 0
    })
    .await;
    // Opening the store would write nothing here, and so does not hang.
    let found = codes(&examine(&url).await);
    assert_eq!(found, [(Code::StandbyMissing, Severity::Danger)]);
}

#[tokio::test]
async fn a_pooler_is_proved_and_what_it_means_is_said() {
    let cluster = PostgresCluster::start_durable();
    let url = migrated(&cluster).await;
    let bouncer = PgBouncer::start(&cluster);
    let through = bouncer.through(&url);

    let facts = examine(&format!("{through}&prepared=false")).await;
    assert_eq!(of(&facts).pooler, Pooler::PerTransaction);
    assert_eq!(of(&facts).listening, Listening::NoWay);
    assert_eq!(codes(&facts), [(Code::NotListening, Severity::Note)]);

    let direct = encoded_url(&url);
    let facts = examine(&format!("{through}&prepared=false&listen={direct}")).await;
    assert_eq!(of(&facts).listening, Listening::Possible);
    assert_eq!(codes(&facts), []);

    let pooled = encoded_url(&through);
    let facts = examine(&format!("{through}&prepared=false&listen={pooled}")).await;
    assert_eq!(codes(&facts), [(Code::NotListening, Severity::Warning)]);

    let options = queue_postgres::PostgresOptions::new(&through).unwrap();
    assert_eq!(
        options.facts().await.unwrap().pooler,
        Pooler::PerTransaction
    );
    let found = codes(&examine(&through).await);
    assert!(
        found.contains(&(Code::PoolerPrepared, Severity::Danger)),
        "{found:?}"
    );

    let facts = examine(&format!("{url}&prepared=false")).await;
    let wanted = [
        (Code::PreparedOff, Severity::Note),
        (Code::NotListening, Severity::Note),
    ];
    assert_eq!(codes(&facts), wanted);
}

/// Percent-encoded, as a parameter takes it.
fn encoded_url(url: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    url.bytes().map(encoded).collect()
}

#[tokio::test]
async fn neglect_is_seen() {
    let cluster = PostgresCluster::start_with(&["max_prepared_transactions=2"]);
    let url = migrated(&cluster).await;
    let sql = |text: &str| cluster.sql("t0", text).unwrap();
    sql("ALTER TABLE leasehold.job SET (autovacuum_enabled = off)");
    sql("DROP TABLE leasehold.history_default");
    sql("CREATE TABLE leasehold.history_default PARTITION OF leasehold.history DEFAULT");
    let days = "SELECT format('DROP TABLE leasehold.%I', relname) FROM pg_class \
                WHERE relname ~ '^history_2[0-9]{7}$' AND relkind = 'r'";
    for drop in sql(days).lines() {
        sql(drop);
    }
    let options = queue_postgres::PostgresOptions::new(&url).unwrap();
    let facts = options.facts().await.unwrap();
    assert_eq!(facts.days.unwrap().missing, 3);
    let found = codes(&examine(&url).await);
    assert!(
        found.contains(&(Code::AutovacuumOff, Severity::Warning)),
        "{found:?}"
    );
    assert!(
        found.contains(&(Code::DaysMissing, Severity::Warning)),
        "{found:?}"
    );
    assert_eq!(
        options.facts().await.unwrap().days.unwrap().missing,
        0,
        "opening made them"
    );

    // Somebody in the middle of something, and somebody who never came back.
    let mut idle = PgConnection::connect(&url).await.unwrap();
    idle.execute(
        "SET application_name = 'forgotten'; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1",
    )
    .await
    .unwrap();
    sql("BEGIN; CREATE TABLE left_behind (); PREPARE TRANSACTION 'half'");
    sql("CREATE TABLE later ()");
    let horizon = options.facts().await.unwrap().horizon;
    let session = horizon.iter().find(|it| it.kind == "session").unwrap();
    assert_eq!(session.application.as_deref(), Some("forgotten"));
    assert_eq!(session.state.as_deref(), Some("idle in transaction"));
    assert!(
        session.transactions >= 1 && session.seconds.unwrap() >= 0.0,
        "{session:?}"
    );
    let prepared = horizon
        .iter()
        .find(|it| it.kind == "prepared transaction")
        .unwrap();
    assert_eq!(
        (prepared.name.as_str(), prepared.state.as_deref()),
        ("half", None)
    );

    let opened = Database::parse(&url).unwrap().open().await.unwrap();
    let Pulse::Postgres(pulse) = opened.backend.pulse().await.unwrap() else {
        panic!("it is a server");
    };
    assert!(
        !pulse.standby && !pulse.read_only && pulse.schema >= 7,
        "{pulse:?}"
    );
    assert!(pulse.horizon_seconds.unwrap() > 0.0 && pulse.horizon_transactions.unwrap() >= 1);
}

#[tokio::test]
async fn what_a_role_may_not_see_or_do_is_said() {
    let cluster = PostgresCluster::start_durable();
    let url = migrated(&cluster).await;
    cluster
        .sql(
            "t0",
            "CREATE ROLE app LOGIN CONNECTION LIMIT 5; GRANT USAGE ON SCHEMA leasehold TO app;
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA leasehold TO app;
             REVOKE DELETE ON leasehold.job FROM app; REVOKE UPDATE, DELETE ON leasehold.audit FROM app",
        )
        .unwrap();
    let facts = examine(&url.replace("postgres@", "app@")).await;
    let report = judge(&facts);
    let said: Vec<_> = report.findings.iter().map(|it| it.what.as_str()).collect();
    assert!(said.contains(&"app may not DELETE on job"), "{said:?}");
    assert!(
        !said.iter().any(|what| what.contains("audit")),
        "it need not: {said:?}"
    );
    assert!(
        !said.iter().any(|what| what.contains("superuser")),
        "{said:?}"
    );
    let blind = report
        .findings
        .iter()
        .find(|it| it.code == Code::FactsUnseen)
        .unwrap();
    assert!(
        blind.remedy.contains("GRANT pg_monitor TO \"app\""),
        "{blind:?}"
    );
    assert_eq!(report.guarantee.loss, Survival::Unknown);
    let short = report
        .findings
        .iter()
        .find(|it| it.code == Code::ConnectionsShort);
    assert!(
        short.unwrap().what.contains("the pool may open 10"),
        "{short:?}"
    );
}

#[tokio::test]
async fn a_database_without_a_schema_is_seen_as_it_is() {
    let cluster = PostgresCluster::start_durable();
    let url = cluster.create_database();
    let facts = examine(&url).await;
    assert_eq!(
        codes(&facts),
        [(Code::StoreSchemaMismatch, Severity::Danger)]
    );
    assert_eq!(judge(&facts).guarantee.machine, Survival::Everything);
    cluster.stop_fast();
    let error = Database::parse(&url)
        .unwrap()
        .examine(false)
        .await
        .unwrap_err();
    assert_eq!(error.catalogued(), Code::StoreUnavailable);
}
