//! Who has led, when: each change of a holder is written down by the database itself.

use std::time::Duration;

use fixtures::postgres::PostgresCluster;
use queue_sqlite::rusqlite::Connection;

use super::fleet::LEADER_LEASE;

/// The database that the daemons share.
pub(super) enum Leaders<'a> {
    Postgres(&'a PostgresCluster),
    Sqlite(&'a str),
}

/// A lease that is taken from a former holder ends `lease` after it was taken.
const IN_POSTGRES: &str = "
    CREATE TABLE public.handover (vacant double precision);
    CREATE FUNCTION public.hand_over() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.holder <> OLD.holder THEN
            INSERT INTO public.handover
            VALUES (extract(epoch FROM NEW.expires_at - OLD.expires_at));
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER hand_over BEFORE UPDATE ON leasehold.leader
        FOR EACH ROW EXECUTE FUNCTION public.hand_over()";
const IN_SQLITE: &str = "
    CREATE TABLE handover (vacant REAL);
    CREATE TRIGGER hand_over AFTER UPDATE ON leasehold_leader WHEN new.holder <> old.holder
    BEGIN INSERT INTO handover VALUES ((new.expires_at - old.expires_at) / 1e6); END";

impl Leaders<'_> {
    pub(super) fn record(&self) {
        match self {
            Self::Postgres(cluster) => drop(cluster.sql("t0", IN_POSTGRES).unwrap()),
            Self::Sqlite(file) => {
                let connection = Connection::open(file).unwrap();
                connection.execute_batch(IN_SQLITE).unwrap();
            }
        }
    }

    /// The process that fires schedules, by its name.
    pub(super) fn leader(&self) -> Option<u32> {
        let holder = match self {
            Self::Postgres(cluster) => {
                let holder = "SELECT holder FROM leasehold.leader WHERE role = 'schedules'";
                cluster.sql("t0", holder).unwrap()
            }
            Self::Sqlite(file) => {
                let connection = Connection::open(file).unwrap();
                let holder = "SELECT holder FROM leasehold_leader WHERE role = 'schedules'";
                // It may be locked just now, or nobody has led yet.
                let found = connection.query_row(holder, [], |row| row.get(0));
                found.unwrap_or_default()
            }
        };
        holder.split('.').nth(1)?.parse().ok()
    }

    /// That roles changed hands, and how long one that was lost had no holder, by the database's clock. The time is
    /// told and not judged: a machine with more to do than this test makes it any. What it may be is held by the
    /// test of `leadership`, with a clock of its own.
    pub(super) fn check(&self) -> Result<String, String> {
        let longest = "SELECT count(*), coalesce(max(vacant), 0) FROM";
        let (changes, longest): (i64, f64) = match self {
            Self::Postgres(cluster) => {
                let found = cluster.sql("t0", &format!("{longest} public.handover"));
                let found = found.unwrap();
                let (changes, longest) = found.trim().split_once('|').unwrap();
                (changes.parse().unwrap(), longest.parse().unwrap())
            }
            Self::Sqlite(file) => {
                let connection = Connection::open(file).unwrap();
                let longest = format!("{longest} handover");
                let found =
                    connection.query_row(&longest, [], |row| Ok((row.get(0)?, row.get(1)?)));
                found.unwrap()
            }
        };
        let vacant = Duration::from_secs_f64(longest).saturating_sub(LEADER_LEASE);
        if changes == 0 {
            return Err("nobody took over from anybody".to_owned());
        }
        Ok(format!(
            "{changes} changes of leaders, at most {vacant:?} without one"
        ))
    }
}
