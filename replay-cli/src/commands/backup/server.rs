//! How to back up a Postgres database.

use queue_ops::{Exit, PostgresOptions, PostgresPlace};
use serde::Serialize;

use super::Backup;
use super::programs::{self, Program};
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Row, Sheet};
use crate::table::Cell;

#[derive(Debug, Serialize)]
struct ServerItem {
    server: String,
    /// Of the tables of the queue alone.
    dump: String,
    restore: String,
    /// Of the whole server, from which any moment can be reached by its log.
    base_backup: String,
    programs: Vec<Program>,
}

pub(super) async fn run(
    desk: &Desk,
    options: &Backup,
    server: &PostgresOptions,
) -> Result<Answer, Failure> {
    let facts = server.facts().await?;
    let place = server.place();
    let out = options.out.display().to_string();
    let version = facts.server.version;
    let programs = ["pg_dump", "pg_restore", "pg_basebackup"];
    let item = ServerItem {
        dump: dump(&place, &out),
        restore: restore(&place, &out),
        base_backup: base_backup(&place),
        programs: programs.map(|name| programs::find(name, version)).into(),
        server: facts.server.server,
    };
    let sheet = Sheet::default()
        .field("server", Cell::text(&item.server))
        .field("dump", Cell::word(&item.dump))
        .field("restore", Cell::word(&item.restore))
        .field("base backup", Cell::word(&item.base_backup))
        .table(
            "programs",
            Program::COLUMNS,
            item.programs.iter().map(Row::cells).collect(),
        );
    let mut answer = report::show(desk, desk.style, "backup", &item, &sheet)?;
    let lacking: Vec<_> = item
        .programs
        .iter()
        .filter(|it| it.state != "ready")
        .collect();
    if !lacking.is_empty() {
        let names: Vec<_> = lacking
            .iter()
            .map(|it| format!("{} is {}", it.name, it.state))
            .collect();
        answer.exit = Exit::Findings;
        answer = answer.note(format!(
            "{}: install the client programs of Postgres {} or newer, and have them in PATH",
            names.join(", "),
            version / 10_000
        ));
    }
    Ok(answer.note(
        "nothing was written; passwords come from ~/.pgpass or PGPASSWORD. A dump is one moment; to reach \
         any moment, archive the log: see docs/runbooks/backup.md",
    ))
}

/// One snapshot, of our schema alone.
fn dump(place: &PostgresPlace, out: &str) -> String {
    let way = way(place);
    let schema = quoted(&place.schema);
    let database = quoted(&place.database);
    format!(
        "pg_dump {way} --dbname={database} --schema={schema} --format=custom --file={}",
        quoted(out)
    )
}

/// All of it or nothing, where no such schema is.
fn restore(place: &PostgresPlace, out: &str) -> String {
    let way = way(place);
    let database = quoted(&place.database);
    format!(
        "pg_restore {way} --dbname={database} --single-transaction --exit-on-error {}",
        quoted(out)
    )
}

/// The log that it needs comes with it. The role needs REPLICATION.
fn base_backup(place: &PostgresPlace) -> String {
    format!(
        "pg_basebackup {} --pgdata=base-backup --wal-method=stream --checkpoint=fast --progress",
        way(place)
    )
}

fn way(place: &PostgresPlace) -> String {
    format!(
        "--host={} --port={} --username={}",
        quoted(&place.host),
        place.port,
        quoted(&place.user)
    )
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        assert_eq!(quoted("/run/postgresql"), "/run/postgresql");
        assert_eq!(quoted("a b's"), r"'a b'\''s'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("$(rm -r .)"), "'$(rm -r .)'");
    }
}
