//! Incidents: what was raised, and who is told of it.

use std::collections::{BTreeMap, BTreeSet};

use queue_core::{Incident, NewNotification, Observed, Raise, Subject, UnreadableIncident};

use crate::fault::{Fault, Result};
use crate::ops::enqueue::of;
use crate::ops::publish;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Counts what happened in its incidents, and publishes what that leads to. The locks of incidents come
/// after those of jobs, notifications and suppressions; whoever has one asks for nothing but the head of
/// the audit trail.
pub(crate) async fn raise(session: &mut Session<'_>, raises: &[&Raise]) -> Result<()> {
    if raises.is_empty() {
        return Ok(());
    }
    let now = session.now()?;
    let keys: BTreeSet<&Subject> = raises.iter().map(|raise| &raise.key).collect();
    let keys: Vec<_> = keys.into_iter().map(Subject::as_str).collect();
    let create = session
        .statement(sql!("incident", "incident_create"))
        .bind(&keys);
    session.execute(create).await?;
    let mut incidents: BTreeMap<Subject, Incident> = lock(session, &keys)
        .await?
        .into_iter()
        .map(|incident| (incident.key.clone(), incident))
        .collect();
    let mut alerts = Vec::new();
    for raise in raises {
        let before = incidents.remove(&raise.key);
        let Observed { incident, publish } = Incident::observe(before, raise, now);
        alerts.extend(publish);
        incidents.insert(raise.key.clone(), incident);
    }
    let incidents: Vec<_> = incidents.into_values().collect();
    put(session, &incidents, &alerts).await
}

/// Ends an incident, if nothing happened since that version.
pub(crate) async fn resolve(
    session: &mut Session<'_>,
    key: &Subject,
    version: i64,
) -> Result<bool> {
    let found = lock(session, &[key.as_str()]).await?.pop();
    let now = session.now()?;
    let Some(resolved) = found.and_then(|incident| incident.resolve(version, now)) else {
        return Ok(false);
    };
    put(session, &[resolved.incident], &resolved.publish).await?;
    Ok(true)
}

/// Those that are open, by key.
pub(crate) async fn open(
    session: &mut Session<'_>,
    after: Option<&Subject>,
    limit: u32,
) -> Result<Vec<std::result::Result<Incident, UnreadableIncident>>> {
    let statement = session
        .statement(sql!("incident", "incident_open"))
        .bind(after.map_or("", Subject::as_str))
        .bind(i64::from(limit));
    let rows = session.rows(statement).await?;
    let listed = |row| {
        let mut row = Columns::of(row);
        let (key, document): (Subject, &str) = (row.name()?, row.value()?);
        Ok(parse(document).map_err(|problem| UnreadableIncident { key, problem }))
    };
    rows.iter().map(listed).collect()
}

/// Locks those of these that there are; one that was only just made has no document.
async fn lock(session: &mut Session<'_>, keys: &[&str]) -> Result<Vec<Incident>> {
    let statement = session
        .statement(sql!("incident", "incident_lock"))
        .bind(keys);
    let mut incidents = Vec::new();
    for row in &session.rows(statement).await? {
        let document: &str = Columns::of(row).value()?;
        if !document.is_empty() {
            incidents.push(read(document)?);
        }
    }
    Ok(incidents)
}

async fn put(
    session: &mut Session<'_>,
    incidents: &[Incident],
    alerts: &[NewNotification],
) -> Result<()> {
    let documents = incidents
        .iter()
        .map(|incident| {
            serde_json::to_string(incident)
                .map_err(|error| Fault::corrupt(format!("an incident cannot be written: {error}")))
        })
        .collect::<Result<Vec<_>>>()?;
    let statement = session
        .statement(sql!("incident", "incident_put"))
        .bind(of(incidents, |incident| incident.key.as_str()))
        .bind(of(incidents, |incident| incident.open))
        .bind(of(incidents, |incident| incident.version))
        .bind(documents);
    session.execute(statement).await?;
    if alerts.is_empty() {
        return Ok(());
    }
    let brought: Vec<_> = alerts.iter().map(|alert| (None, alert)).collect();
    publish::publish(session, &brought).await.map(drop)
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
