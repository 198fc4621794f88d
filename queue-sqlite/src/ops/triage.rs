//! Finding dead letters: page by page, and how many there are of what.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use queue_core::{
    GroupBy, JobId, LETTER_COUNT_CAP, LETTER_SCAN, LetterCursor, LetterFilter, LetterGroup,
    LetterGroups, LetterLead, LetterList, LetterPage, LetterSummary, Seen, StoreError, Timestamp,
    codes,
};
use rusqlite::types::Value;
use rusqlite::{Row, params_from_iter};

use crate::fault::Result;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// The statements along the index of one column.
struct Along {
    page: String,
    groups: String,
    weigh: String,
}

static ALONG: LazyLock<HashMap<LetterLead, Along>> = LazyLock::new(|| {
    let leads = LetterLead::COLUMNS.into_iter();
    leads.map(|lead| (lead, Along::made(lead))).collect()
});

static BY_AGE: LazyLock<Along> = LazyLock::new(|| Along::made(LetterLead::Age));

impl Along {
    fn made(lead: LetterLead) -> Self {
        Self {
            page: led_by(sql!("triage", "triage_page"), lead),
            groups: led_by(sql!("triage", "triage_groups"), lead),
            weigh: led_by(sql!("triage", "triage_weigh"), lead),
        }
    }
}

/// The files have it for the queue.
fn led_by(text: &str, lead: LetterLead) -> String {
    let (column, condition) = match lead {
        LetterLead::Queue => return text.to_owned(),
        // No column, but the parameter is there, and it must stand in the text.
        LetterLead::Age | LetterLead::Jobs => ("age", "?1 IS NULL"),
        LetterLead::State => ("state", "d.letter_state = ?1"),
        LetterLead::Kind => ("kind", "d.kind = ?1"),
        LetterLead::ErrorClass => ("error_class", "d.error_class = ?1"),
        LetterLead::Tenant => ("tenant", "d.tenant = ?1"),
        LetterLead::Stage => ("stage", "d.stage = ?1"),
        LetterLead::Reason => ("reason", "d.reason = ?1"),
    };
    text.replace(
        "leasehold_dead_letter_queue",
        &format!("leasehold_dead_letter_{column}"),
    )
    .replace("d.queue = ?1 ", &format!("{condition} "))
}

fn along(lead: LetterLead) -> &'static Along {
    ALONG.get(&lead).unwrap_or_else(|| &BY_AGE)
}

/// What the filter asks of the leading column.
fn led(lead: LetterLead, filter: &LetterFilter) -> Value {
    match lead {
        LetterLead::State => LetterLead::state(filter).map(i64::from).into(),
        lead => lead.text(filter).map(str::to_owned).into(),
    }
}

/// The column that the fewest letters meet.
fn lead(session: &Session<'_>, filter: &LetterFilter, behind: LetterCursor) -> Result<LetterLead> {
    if let Some(only) = LetterLead::only(filter) {
        return Ok(only);
    }
    let weigh = |lead: LetterLead| {
        let value = led(lead, filter);
        if value == Value::Null {
            return Ok(0);
        }
        let mut params = span(value, filter, behind);
        params.push(i64::from(LETTER_SCAN).into());
        let mut statement = session.prepare(&along(lead).weigh)?;
        Ok(statement.query_row(params_from_iter(params), |row| row.get(0))?)
    };
    let weights = LetterLead::COLUMNS.map(weigh);
    let weights = weights.into_iter().collect::<Result<Vec<i64>>>()?;
    Ok(LetterLead::lightest(filter, &weights))
}

/// The parameters that every statement begins with.
fn span(lead: Value, filter: &LetterFilter, behind: LetterCursor) -> Vec<Value> {
    vec![
        lead,
        filter.from().as_micros().into(),
        behind.died_at.as_micros().into(),
        behind.job.get().into(),
    ]
}

/// Those and the filter, and how many letters are looked at.
fn params(lead: LetterLead, filter: &LetterFilter, behind: LetterCursor, scan: u32) -> Vec<Value> {
    let mut params = span(led(lead, filter), filter, behind);
    // What the index leads to needs no second look.
    let text = |column: LetterLead| {
        let text = column.text(filter).filter(|_| column != lead);
        Value::from(text.map(str::to_owned))
    };
    let state = LetterLead::state(filter).filter(|_| lead != LetterLead::State);
    params.extend([
        state.map(i64::from).into(),
        text(LetterLead::Queue),
        text(LetterLead::Kind),
        text(LetterLead::ErrorClass),
        text(LetterLead::Tenant),
        text(LetterLead::Stage),
        text(LetterLead::Reason),
        filter.sought().into(),
        i64::from(scan).into(),
    ]);
    params
}

/// A page of letters, the newest death first.
pub(crate) fn page(
    session: &Session<'_>,
    filter: &LetterFilter,
    page: LetterPage,
) -> Result<LetterList> {
    let behind = page.behind(filter);
    let lead = lead(session, filter, behind)?;
    if lead == LetterLead::Jobs {
        let letters = named(session, filter)?.into_iter();
        let behind = letters.filter(|letter| letter.cursor() < behind);
        let seen = behind.map(|letter| Seen {
            letter,
            fits: true,
            place: 1,
        });
        return Ok(LetterList::of(page, seen));
    }
    let mut statement = session.prepare(&along(lead).page)?;
    let params = params(lead, filter, behind, LETTER_SCAN);
    let mut rows = statement.query(params_from_iter(params))?;
    let (mut seen, mut fitting) = (Vec::new(), 0);
    for place in 1..=LETTER_SCAN {
        if fitting > page.limit() {
            break;
        }
        let Some(row) = rows.next()? else { break };
        let fits: bool = row.get(13)?;
        if fits || place == LETTER_SCAN {
            fitting += u32::from(fits);
            let letter = decode(session, row)?;
            seen.push(Seen {
                letter,
                fits,
                place,
            });
        }
    }
    Ok(LetterList::of(page, seen))
}

fn decode(session: &Session<'_>, row: &Row<'_>) -> Result<LetterSummary> {
    let mut columns = Columns::of(row);
    let job = JobId::new(columns.value()?);
    Ok(LetterSummary {
        job,
        state: codes::letter_state(columns.value()?)?,
        version: columns.value()?,
        deaths: columns.count()?,
        replays: columns.count()?,
        died_at: columns.time()?,
        queue: columns.name()?,
        kind: columns.name()?,
        tenant: columns.maybe_name()?,
        stage: columns.name()?,
        error_class: columns.name()?,
        reason: columns.maybe_name()?,
        message: columns.value()?,
        has_evidence: has_evidence(session, job)?,
    })
}

/// Whether there is evidence about the last death.
pub(crate) fn has_evidence(session: &Session<'_>, job: JobId) -> Result<bool> {
    Ok(session
        .prepare(sql!("letters", "letters_has_evidence"))?
        .exists([job.get()])?)
}

/// The letters of the jobs that the filter names, as far as it takes them, newest death first.
fn named(session: &Session<'_>, filter: &LetterFilter) -> Result<Vec<LetterSummary>> {
    let jobs = filter.jobs.as_ref().map_or(&[][..], |set| set.jobs());
    let jobs = serde_json::to_string(jobs)
        .map_err(|error| StoreError::backend("writing numbers of jobs", error))?;
    let mut statement = session.prepare(sql!("triage", "triage_named"))?;
    let mut rows = statement.query([jobs])?;
    let mut letters = Vec::new();
    while let Some(row) = rows.next()? {
        let letter = decode(session, row)?;
        if filter.takes(&letter) {
            letters.push(letter);
        }
    }
    letters.sort_by_key(|letter| std::cmp::Reverse(letter.cursor()));
    Ok(letters)
}

/// How many letters there are of what.
pub(crate) fn groups(
    session: &Session<'_>,
    filter: &LetterFilter,
    by: GroupBy,
) -> Result<LetterGroups> {
    let behind = filter.before();
    let lead = lead(session, filter, behind)?;
    if lead == LetterLead::Jobs {
        return Ok(LetterGroups::count(by, &named(session, filter)?));
    }
    let mut params = params(lead, filter, behind, LETTER_COUNT_CAP);
    params.push(i64::from(by.number()).into());
    let mut statement = session.prepare(&along(lead).groups)?;
    let mut rows = statement.query(params_from_iter(params))?;
    let mut groups: BTreeMap<String, LetterGroup> = BTreeMap::new();
    let mut looked_at = 0;
    while let Some(row) = rows.next()? {
        looked_at += 1;
        if !row.get(2)? {
            continue;
        }
        let value = row.get_ref(0)?.as_str().unwrap_or_default();
        let died_at = Timestamp::from_micros(row.get(1)?);
        // By far most rows are of a group that is known.
        match groups.get_mut(value) {
            Some(group) => {
                group.letters += 1;
                group.oldest = died_at;
            }
            None => {
                let group = LetterGroup {
                    value: by.shown(value.to_owned()),
                    letters: 1,
                    oldest: died_at,
                    newest: died_at,
                };
                groups.insert(value.to_owned(), group);
            }
        }
    }
    Ok(LetterGroups::of(groups.into_values().collect(), looked_at))
}
