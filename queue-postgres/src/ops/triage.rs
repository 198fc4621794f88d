//! Finding dead letters: page by page, and how many there are of what.

use std::collections::HashMap;
use std::sync::LazyLock;

use queue_core::{
    GroupBy, LETTER_COUNT_CAP, LETTER_SCAN, LetterCursor, LetterFilter, LetterGroup, LetterGroups,
    LetterLead, LetterList, LetterPage, LetterSummary, Seen, StageName, codes,
};
use sqlx::Postgres;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;

use crate::fault::{Fault, Result};
use crate::micros::Micros;
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
    let column = match lead {
        LetterLead::Queue => "queue",
        LetterLead::State => "letter_state",
        LetterLead::Kind => "kind",
        LetterLead::ErrorClass => "error_class",
        LetterLead::Tenant => "tenant",
        LetterLead::Stage => "coalesce(stage, 'run')",
        LetterLead::Reason => "reason",
        LetterLead::Age | LetterLead::Jobs => {
            // No column, but the parameter is bound, and it must stand in the text.
            return text
                .replace("queue = ANY ($1)", "$1::text[] IS NULL")
                .replace("queue DESC, ", "");
        }
    };
    text.replace("queue = ANY ($1)", &format!("{column} = ANY ($1)"))
        .replace("queue DESC, ", &format!("{column} DESC, "))
}

fn along(lead: LetterLead) -> &'static Along {
    ALONG.get(&lead).unwrap_or_else(|| &BY_AGE)
}

type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// A statement with the parameters that each of them begins with.
fn span<'q>(
    session: &Session<'_>,
    text: &'static str,
    lead: LetterLead,
    filter: &'q LetterFilter,
    behind: LetterCursor,
) -> Statement<'q> {
    let statement = session.statement(text);
    let led = match lead {
        LetterLead::State => statement.bind(LetterLead::state(filter).map(|state| vec![state])),
        lead => statement.bind(lead.text(filter).map(|text| vec![text])),
    };
    led.bind(Micros(filter.from()))
        .bind(Micros(behind.died_at))
        .bind(behind.job.get())
}

/// Those and the filter, and how many letters are looked at.
fn bound<'q>(
    session: &Session<'_>,
    text: &'static str,
    lead: LetterLead,
    filter: &'q LetterFilter,
    behind: LetterCursor,
    scan: u32,
) -> Statement<'q> {
    // What the index leads to needs no second look.
    let text_of = |column: LetterLead| column.text(filter).filter(|_| column != lead);
    span(session, text, lead, filter, behind)
        .bind(LetterLead::state(filter).filter(|_| lead != LetterLead::State))
        .bind(text_of(LetterLead::Queue))
        .bind(text_of(LetterLead::Kind))
        .bind(text_of(LetterLead::ErrorClass))
        .bind(text_of(LetterLead::Tenant))
        .bind(text_of(LetterLead::Stage))
        .bind(text_of(LetterLead::Reason))
        .bind(filter.sought())
        .bind(i64::from(scan))
}

/// The column that the fewest letters meet.
async fn lead(
    session: &mut Session<'_>,
    filter: &LetterFilter,
    behind: LetterCursor,
) -> Result<LetterLead> {
    if let Some(only) = LetterLead::only(filter) {
        return Ok(only);
    }
    let mut weights = Vec::new();
    for lead in LetterLead::COLUMNS {
        let asked = lead.text(filter).is_some() || lead == LetterLead::State;
        let weight = if asked {
            let statement = span(session, &along(lead).weigh, lead, filter, behind)
                .bind(i64::from(LETTER_SCAN));
            Columns::of(&session.one(statement).await?).value()?
        } else {
            0
        };
        weights.push(weight);
    }
    Ok(LetterLead::lightest(filter, &weights))
}

/// A page of letters, the newest death first.
pub(crate) async fn page(
    session: &mut Session<'_>,
    filter: &LetterFilter,
    page: LetterPage,
) -> Result<LetterList> {
    let behind = page.behind(filter);
    let lead = lead(session, filter, behind).await?;
    if lead == LetterLead::Jobs {
        let letters = named(session, filter).await?.into_iter();
        let behind = letters.filter(|letter| letter.cursor() < behind);
        let seen = behind.map(|letter| Seen {
            letter,
            fits: true,
            place: 1,
        });
        return Ok(LetterList::of(page, seen));
    }
    let statement = bound(
        session,
        &along(lead).page,
        lead,
        filter,
        behind,
        LETTER_SCAN,
    )
    .bind(i64::from(page.limit()) + 1);
    let rows = session.rows(statement).await?;
    let seen = rows.iter().map(decode).collect::<Result<Vec<_>>>()?;
    Ok(LetterList::of(page, seen))
}

fn decode(row: &PgRow) -> Result<Seen> {
    let mut row = Columns::of(row);
    let letter = LetterSummary {
        job: row.job()?,
        state: codes::letter_state(row.value()?)?,
        version: row.value()?,
        deaths: row.count()?,
        replays: row.count()?,
        died_at: row.time()?,
        queue: row.name()?,
        kind: row.name()?,
        tenant: row.maybe_name()?,
        stage: row.maybe_name()?.unwrap_or_else(StageName::run),
        error_class: row.name()?,
        reason: row.maybe_name()?,
        message: row.text()?.unwrap_or_default().to_owned(),
        has_evidence: row.value()?,
    };
    let (fits, place): (bool, i64) = (row.value()?, row.value()?);
    let place = u32::try_from(place)
        .map_err(|_| Fault::corrupt(format!("the place {place} is impossible")))?;
    Ok(Seen {
        letter,
        fits,
        place,
    })
}

/// The letters of the jobs that the filter names, as far as it takes them, newest death first.
async fn named(session: &mut Session<'_>, filter: &LetterFilter) -> Result<Vec<LetterSummary>> {
    let jobs = filter.jobs.as_ref().map_or(&[][..], |set| set.jobs());
    let jobs: Vec<_> = jobs.iter().map(|job| job.get()).collect();
    let statement = session.statement(sql!("triage", "triage_named")).bind(jobs);
    let mut letters = Vec::new();
    for row in &session.rows(statement).await? {
        let letter = decode(row)?.letter;
        if filter.takes(&letter) {
            letters.push(letter);
        }
    }
    letters.sort_by_key(|letter| std::cmp::Reverse(letter.cursor()));
    Ok(letters)
}

/// How many letters there are of what.
pub(crate) async fn groups(
    session: &mut Session<'_>,
    filter: &LetterFilter,
    by: GroupBy,
) -> Result<LetterGroups> {
    let behind = filter.before();
    let lead = lead(session, filter, behind).await?;
    if lead == LetterLead::Jobs {
        return Ok(LetterGroups::count(by, &named(session, filter).await?));
    }
    let statement = bound(
        session,
        &along(lead).groups,
        lead,
        filter,
        behind,
        LETTER_COUNT_CAP,
    )
    .bind(by.number());
    let (mut groups, mut looked_at) = (Vec::new(), 0);
    for row in &session.rows(statement).await? {
        let mut row = Columns::of(row);
        let value: String = row.value()?;
        let letters: i64 = row.value()?;
        let (oldest, newest) = (row.maybe_time()?, row.maybe_time()?);
        looked_at += row.value::<i64>()?;
        if let Some((oldest, newest)) = oldest.zip(newest) {
            groups.push(LetterGroup {
                value: by.shown(value),
                letters: u32::try_from(letters).unwrap_or(u32::MAX),
                oldest,
                newest,
            });
        }
    }
    let looked_at = u64::try_from(looked_at).unwrap_or_default();
    Ok(LetterGroups::of(groups, looked_at))
}
