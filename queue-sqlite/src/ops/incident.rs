//! Incidents: what was raised, and who is told of it.

use queue_core::{Incident, Observed, Raise, StoreError, Subject, UnreadableIncident};
use rusqlite::{OptionalExtension, params};

use crate::fault::{Fault, Result};
use crate::ops::outbox;
use crate::session::Session;
use crate::sql::sql;

/// Counts what happened in its incidents, and publishes what that leads to.
pub(crate) fn raise(session: &Session<'_>, raises: &[Raise]) -> Result<()> {
    for raise in raises {
        let before = one(session, &raise.key)?;
        put(session, &Incident::observe(before, raise, session.now()))?;
    }
    Ok(())
}

/// Ends an incident, if nothing happened since that version.
pub(crate) fn resolve(session: &Session<'_>, key: &Subject, version: i64) -> Result<bool> {
    let found = one(session, key)?;
    let resolved = found.and_then(|incident| incident.resolve(version, session.now()));
    resolved
        .as_ref()
        .map_or(Ok(false), |resolved| put(session, resolved).map(|()| true))
}

/// Those that are open, by key.
pub(crate) fn open(
    session: &Session<'_>,
    after: Option<&Subject>,
    limit: u32,
) -> Result<Vec<std::result::Result<Incident, UnreadableIncident>>> {
    let rows: Vec<(String, String)> = session
        .prepare(sql!("incident", "incident_open"))?
        .query_map(params![after.map_or("", Subject::as_str), limit], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let listed = |(key, document): (String, String)| {
        let key = Subject::new(key)?;
        Ok(parse(&document).map_err(|problem| UnreadableIncident { key, problem }))
    };
    rows.into_iter().map(listed).collect()
}

fn one(session: &Session<'_>, key: &Subject) -> Result<Option<Incident>> {
    let document: Option<String> = session
        .prepare(sql!("incident", "incident_one"))?
        .query_row([key.as_str()], |row| row.get(0))
        .optional()?;
    document.as_deref().map(read).transpose()
}

fn put(session: &Session<'_>, observed: &Observed) -> Result<()> {
    let incident = &observed.incident;
    let document = serde_json::to_string(incident)
        .map_err(|error| StoreError::backend("writing an incident", error))?;
    session.execute(
        sql!("incident", "incident_put"),
        params![
            incident.key.as_str(),
            incident.open,
            incident.version,
            document
        ],
    )?;
    outbox::publish_for(session, None, &observed.publish).map(drop)
}

/// The error does not quote the document, which names recipients.
fn parse(document: &str) -> std::result::Result<Incident, String> {
    serde_json::from_str(document).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("its document is none at {line}:{column}")
    })
}

fn read(document: &str) -> Result<Incident> {
    parse(document)
        .map_err(|problem| Fault::corrupt(format!("an incident cannot be read: {problem}")))
}
