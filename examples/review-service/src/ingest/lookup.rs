//! `GET /v1/reviews/{changelist}/{version}`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use queue_core::{
    Job, JobFilter, JobId, JobView, KindName, LetterFilter, Page, Revision, StoreError, Subject,
};
use serde_json::{Value, json};

use super::Ingest;
use super::problem::Problem;
use super::submit::away;
use crate::request::{ReviewChange, subject};

/// So many jobs at a time are looked through for one that is asked for without its number.
const ROWS: u32 = 1000;
/// And so often: nobody is to keep the database busy by asking.
const MOST_PAGES: usize = 10;

/// The review that is looked for.
struct Wanted {
    kind: KindName,
    subject: Subject,
    revision: Revision,
}

impl Wanted {
    /// None of what no review can have.
    fn of(changelist: u64, version: u64) -> Option<Self> {
        Some(Self {
            kind: KindName::new(ReviewChange::KIND).ok()?,
            subject: Subject::new(subject(changelist)).ok()?,
            revision: Revision::new(i64::try_from(version).ok()?),
        })
    }

    fn is(&self, view: &JobView) -> bool {
        let about = view.subject.as_ref();
        view.kind == self.kind
            && about.is_some_and(|about| (&about.0, about.1) == (&self.subject, self.revision))
    }
}

/// How far a review is.
pub(super) async fn look_up(
    State(ingest): State<Ingest>,
    Path((changelist, version)): Path<(String, String)>,
    uri: Uri,
) -> Result<Response, Problem> {
    let (Ok(changelist), Ok(version)) = (changelist.parse(), version.parse()) else {
        return Err(unknown());
    };
    let wanted = Wanted::of(changelist, version).ok_or_else(unknown)?;
    match ingest.find(job(&uri), &wanted).await {
        Ok(Some(view)) => Ok(Json(told(&view, changelist, version)).into_response()),
        Ok(None) => Err(unknown()),
        Err(error) => {
            tracing::error!(%error, "the database did not say how far a review is");
            Err(away(error.code(), &ingest))
        }
    }
}

/// The job, as the answer to the request named it: `?job=17`.
fn job(uri: &Uri) -> Option<JobId> {
    let said = url::form_urlencoded::parse(uri.query()?.as_bytes());
    let (_, job) = said.into_iter().find(|(name, _)| name == "job")?;
    job.parse().ok().map(JobId::new)
}

impl Ingest {
    /// By its number; as the last one of its change that succeeded; or among those that are not over, and
    /// those that died.
    async fn find(
        &self,
        job: Option<JobId>,
        wanted: &Wanted,
    ) -> Result<Option<JobView>, StoreError> {
        let store = self.0.queue.store();
        if let Some(job) = job {
            return Ok(store.job(job).await?.filter(|view| wanted.is(view)));
        }
        let last = store.succeeded(&wanted.kind, &wanted.subject).await?;
        if let Some((job, _)) = last.filter(|(_, revision)| *revision == wanted.revision) {
            return store.job(job).await;
        }
        let kind = Some(wanted.kind.clone());
        let live = JobFilter {
            kind: kind.clone(),
            ..JobFilter::default()
        };
        let mut page = Some(Page::first(ROWS)?);
        for _ in 0..MOST_PAGES {
            let Some(this) = page else { break };
            let found = store.jobs(&live, this).await?;
            if let Some(view) = found.jobs.into_iter().find(|view| wanted.is(view)) {
                return Ok(Some(view));
            }
            page = found.next.map(|next| this.after(next.get()));
        }
        let dead = LetterFilter {
            kind,
            ..LetterFilter::default()
        };
        let mut page = Page::first(ROWS)?;
        for _ in 0..MOST_PAGES {
            let letters = store.dead_letters(&dead, page).await?;
            let Some(last) = letters.last() else { break };
            page = page.after(last.job.id.get());
            if let Some(letter) = letters.into_iter().find(|letter| wanted.is(&letter.job)) {
                return Ok(Some(letter.job));
            }
        }
        Ok(None)
    }
}

/// What is told of a job. Nobody's address is in it.
fn told(view: &JobView, changelist: u64, version: u64) -> Value {
    let result: Option<Value> = view.result.as_ref().and_then(|result| result.read().ok());
    json!({
        "changelist_id": changelist,
        "review_version": version,
        "job": view.id,
        "state": view.state,
        "stage": view.progress.stage,
        "attempts": view.progress.attempt,
        "created_at": view.created_at.to_string(),
        "finished_at": view.finished_at.map(|at| at.to_string()),
        "error_class": view.failure.as_ref().map(|failure| failure.class.as_str()),
        "correlation_id": view.headers.get(queue_core::CORRELATION_ID),
        "result": result,
    })
}

fn unknown() -> Problem {
    Problem::own(
        StatusCode::NOT_FOUND,
        "no_such_review",
        "There is no such review.",
        "write /v1/reviews/CHANGELIST/VERSION, with the ?job= of the answer that you got: only by it a review \
         is found for which there were others since",
    )
}
