//! `POST /v1/reviews`.

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use queue_core::contract::ReadContext;
use queue_core::{CORRELATION_ID, EnqueueError, Enqueued, JobId, Priority, Revision};
use serde_json::json;

use super::answer::Answer;
use super::place::Place;
use super::problem::Problem;
use super::{Ingest, RequestId, body};
use crate::request::{ReviewChange, ReviewRequest};
use crate::security;

/// Takes a review that somebody wants, or says why not.
pub(super) async fn submit(
    State(ingest): State<Ingest>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let shared = &ingest.0;
    // Before anything is read: what is too much must cost next to nothing.
    let Some(_place) = Place::take(&shared.places) else {
        return Err(busy(&ingest));
    };
    let bytes = body::read(&headers, body, &shared.settings).await?;
    let request = ingest.accept(bytes, &id)?;
    ingest.permit(&request)?;
    ingest.enqueue(request, &id).await
}

impl Ingest {
    /// The request, if it keeps the contract.
    fn accept(&self, bytes: Bytes, id: &RequestId) -> Result<ReviewRequest, Problem> {
        let context = ReadContext::new().correlation_id(id.as_str());
        let verdict = self.0.contract.read(bytes, &context);
        let parsed = verdict.parse();
        if let Some(rejection) = verdict.rejection() {
            return Err(Problem::rejected(&rejection));
        }
        // What keeps the contract is one; where not, contract and type disagree.
        parsed.map_err(|error| {
            tracing::error!(%error, "a request that keeps the contract is none");
            Problem::own(
                StatusCode::INTERNAL_SERVER_ERROR,
                "request_unreadable",
                "The service is at fault.",
                "the request keeps the contract and cannot be read",
            )
        })
    }

    /// All paths that it names are allowed, or nothing is done.
    fn permit(&self, request: &ReviewRequest) -> Result<(), Problem> {
        let list = self.0.allowed.list();
        let denied = request
            .requested_paths
            .iter()
            .find_map(|path| list.permits(path).err());
        let Some(denied) = denied else { return Ok(()) };
        security::denied("ingest", request.changelist_id, &denied);
        Err(Problem::own(
            StatusCode::FORBIDDEN,
            denied.code().as_str(),
            "A path is not allowed, and nothing was done.",
            &denied,
        ))
    }

    async fn enqueue(&self, request: ReviewRequest, id: &RequestId) -> Result<Response, Problem> {
        let revision = i64::try_from(request.review_version).map_err(|_| out_of_range())?;
        let priority = Priority::new(request.priority).map_err(|_| out_of_range())?;
        let correlation = request.correlation_id.clone();
        let correlation = correlation.unwrap_or_else(|| id.as_str().to_owned());
        let (key, rerun) = (request.idempotency_key.clone(), request.rerun);
        let job = request.into_job();
        let asked = job.clone();
        let mut enqueue = self
            .0
            .queue
            .enqueue(job)
            .about(asked.subject(), Revision::new(revision))
            .key(key)
            .priority(priority)
            .header(CORRELATION_ID, correlation.as_str());
        if rerun {
            enqueue = enqueue.rerun();
        }
        let enqueued = enqueue.await.map_err(|error| self.not_stored(&error))?;
        let (changelist, version) = (asked.changelist, asked.review_version);
        if let Enqueued::Duplicate(job) = enqueued {
            self.same(job, &asked).await?;
        }
        tracing::info!(changelist, version, job = %enqueued.job(), outcome = enqueued.code(), "asked for a review");
        Answer {
            enqueued,
            changelist,
            version,
            correlation,
        }
        .into_response()
    }

    /// That the key was first given for the same thing. To say of anything else that it was there already would be to drop it.
    async fn same(&self, job: JobId, asked: &ReviewChange) -> Result<(), Problem> {
        let view = self.0.queue.store().job(job).await.map_err(|error| {
            tracing::error!(%error, "the database did not say what a key was first given for");
            away(error.code(), self)
        })?;
        // A key is kept for longer than its job: then there is nothing to compare with.
        let first: Option<ReviewChange> = view.and_then(|view| view.payload.read().ok());
        match first {
            Some(first) if first != *asked => Err(key_reused(job, &first, asked)),
            _ => Ok(()),
        }
    }

    fn not_stored(&self, error: &EnqueueError) -> Problem {
        let code = error.code();
        let EnqueueError::Store(error) = error else {
            tracing::error!(%error, "a request that keeps the contract is no job");
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Problem::own(status, code, "The request is no job.", error);
        };
        // Its own words may name hosts: they are for the log.
        tracing::error!(%error, "the database did not take a review");
        if !error.is_transient() {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return Problem::own(status, code, "The service is at fault.", "see its log");
        }
        away(code, self)
    }
}

/// The database does not answer, and may again.
pub(super) fn away(code: &str, ingest: &Ingest) -> Problem {
    Problem::own(
        StatusCode::SERVICE_UNAVAILABLE,
        code,
        "The database does not answer.",
        "nothing is known to have been done: try again, with the same key",
    )
    .retry_after(ingest.patience())
}

/// Names the first job and what is another in it; whom it tells is nobody else's business.
fn key_reused(job: JobId, first: &ReviewChange, asked: &ReviewChange) -> Problem {
    let (changelist, version) = (first.changelist, first.review_version);
    let differs: Vec<&str> = [
        ("changelist_id", changelist != asked.changelist),
        ("review_version", version != asked.review_version),
        ("recipients", first.recipients != asked.recipients),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect();
    let detail = format!(
        "job {job} has the key, for version {version} of the review of change {changelist}, and nothing was done: \
         send what was sent with it then, or use another key"
    );
    let title = "The idempotency key was given for something else.";
    Problem::own(
        StatusCode::CONFLICT,
        "idempotency_key_reused",
        title,
        detail,
    )
    .with("job", json!(job))
    .with("changelist_id", json!(changelist))
    .with("review_version", json!(version))
    .with("differs", json!(differs))
}

fn busy(ingest: &Ingest) -> Problem {
    Problem::own(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_requests",
        "Too many requests are under way.",
        format_args!("{} are the most at a time", ingest.0.settings.max_in_flight),
    )
    .retry_after(ingest.patience())
}

/// The contract has the same bounds.
fn out_of_range() -> Problem {
    Problem::own(
        StatusCode::UNPROCESSABLE_ENTITY,
        "out_of_range",
        "A number is out of range.",
        "review_version and priority are within what the contract says",
    )
}
