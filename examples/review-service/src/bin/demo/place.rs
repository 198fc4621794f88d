//! Where the jobs are: in a file in the folder, or on a server, in a schema that is the demonstration's own.

use std::fs;

use anyhow::Result;
use queue_core::migration::MigrationTarget;
use queue_ops::{Database, Exit, shown_error};
use url::Url;

use crate::failure::Refusal;
use crate::folder::Folder;
use crate::voice::say;

/// The file with the server's URL: there may be a password in it, and so nobody else may read it.
pub(crate) const URL: &str = "database.url";
/// The file with the jobs, where they are in one.
const JOBS: &str = "jobs.db";
/// What the schemas begin with that demonstrations make. No other is ever dropped.
const OURS: &str = "leasehold_demo_";

/// The database.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) database: Database,
    pub(crate) url: String,
    /// On a server.
    pub(crate) schema: Option<String>,
}

impl Place {
    /// A new one. Nothing is connected to.
    pub(crate) fn new(folder: &Folder, store: Option<&str>) -> Result<Self> {
        match store {
            None => Self::file(folder),
            Some(store) => Self::server(store),
        }
    }

    fn file(folder: &Folder) -> Result<Self> {
        let path = folder.file(JOBS).to_string_lossy().into_owned();
        // What a URL would take for something else.
        let path = path.replace('%', "%25").replace('?', "%3F");
        let url = format!("sqlite:{path}");
        Ok(Self {
            database: Database::parse(&url)?,
            schema: None,
            url,
        })
    }

    fn server(store: &str) -> Result<Self> {
        let wrong = |problem: &str| Refusal::new(Exit::Usage, format_args!("--store: {problem}"));
        if !["postgres:", "postgresql:"]
            .iter()
            .any(|scheme| store.starts_with(scheme))
        {
            return Err(wrong(
                "write postgres://user@host/database; without it, the jobs are in a file in the folder",
            )
            .into());
        }
        Database::parse(store).map_err(|error| wrong(&shown_error(&error)))?;
        // Never with the URL itself: there may be a password in it.
        let mut url = Url::parse(store).map_err(|error| wrong(&error.to_string()))?;
        if url.query_pairs().any(|(name, _)| name == "schema") {
            return Err(wrong(
                "leave `schema` out: the demonstration makes a schema of its own, and touches no other",
            )
            .into());
        }
        let schema = format!("{OURS}{:016x}", rand::random::<u64>());
        url.query_pairs_mut().append_pair("schema", &schema);
        let url = String::from(url);
        Ok(Self {
            database: Database::parse(&url)?,
            schema: Some(schema),
            url,
        })
    }

    /// What the library's configuration says of it.
    pub(crate) fn configured(&self, folder: &Folder) -> (&'static str, String) {
        match self.schema {
            None => ("url", self.url.clone()),
            Some(_) => ("url_file", folder.file(URL).to_string_lossy().into_owned()),
        }
    }

    /// Makes the schema.
    pub(crate) async fn make(&self) -> Result<()> {
        self.database.migrate().await?;
        Ok(())
    }
}

/// Drops the schema of the demonstration that was in the folder before. One that cannot be reached stays, and that is
/// said.
pub(crate) async fn drop_earlier(folder: &Folder) {
    let Ok(url) = fs::read_to_string(folder.file(URL)) else {
        return;
    };
    let (Some(schema), Ok(database)) = (own_schema(&url), Database::parse(&url)) else {
        return;
    };
    if let Err(error) = database.migrate_to(MigrationTarget::Version(0)).await {
        say(format_args!(
            "the schema {schema} of the demonstration before stays in {}: {}",
            database.shown(),
            shown_error(&error)
        ));
    }
}

/// The schema that a URL names, if a demonstration made it.
fn own_schema(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let mut schemas = url.query_pairs().filter(|(name, _)| name == "schema");
    let (_, schema) = schemas.next()?;
    (schemas.next().is_none() && schema.starts_with(OURS)).then(|| schema.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_gets_a_schema_that_nobody_has() {
        let url = "postgres://you:hunter2@db/app?pool=3";
        let [one, other] = [url; 2].map(|url| Place::server(url).unwrap());
        assert_ne!(one.schema, other.schema);
        assert_eq!(own_schema(&one.url), one.schema);
        assert!(one.url.starts_with(url) && !one.database.shown().contains("hunter2"));
    }

    #[test]
    fn no_other_schema_is_its_own() {
        for url in [
            "postgres://db/app",
            "postgres://db/app?schema=leasehold",
            "postgres://db/app?schema=leasehold_demo_1&schema=leasehold",
            "postgres://db/app?schema=leasehold&schema=leasehold_demo_1",
            "leasehold_demo_1",
        ] {
            assert_eq!(own_schema(url), None, "{url}");
        }
    }

    #[test]
    fn what_is_no_server_or_names_a_schema_is_refused_without_a_password() {
        for (url, told) in [
            (
                "mysql://you:hunter2@db/app",
                "write postgres://user@host/database",
            ),
            ("sqlite:jobs.db", "write postgres://user@host/database"),
            (
                "postgres://you:hunter2@db/app?schema=public",
                "leave `schema` out",
            ),
            (
                "postgres://you:hunter2@db/app?sch%65ma=public",
                "leave `schema` out",
            ),
            (
                "postgres://you:hunter2@db/app?pol=3",
                "there is no parameter `pol`",
            ),
            ("postgres://you:hunter2@db:port/app", "it is not a URL"),
        ] {
            let error = Place::server(url).unwrap_err();
            let (said, exit) = (error.to_string(), crate::failure::exit(&error));
            assert!(said.contains(told) && !said.contains("hunter2"), "{said}");
            assert_eq!(exit, Exit::Usage, "{said}");
        }
    }
}
