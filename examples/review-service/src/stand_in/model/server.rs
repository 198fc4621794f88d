//! The server.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::post;
use futures::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::{Asked, trouble};
use crate::model::{Endpoint, InvalidEndpoint};
use crate::stand_in::answers::{self, LENGTH, PADDING};
use crate::stand_in::behaviour::ModelBehaviour;
use crate::stand_in::changes::Recorded;
use crate::stand_in::tally::Tally;

/// A stand-in that runs in this process; it ends when it is dropped.
///
/// ```
/// use review_service::stand_in::model::StandInModel;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let model = StandInModel::start(7).await.unwrap();
/// assert!(model.endpoint().unwrap().to_string().ends_with("/v1/chat/completions"));
/// assert_eq!(model.asked(1000), 0);
/// # }
/// ```
#[derive(Debug)]
pub struct StandInModel {
    address: SocketAddr,
    shared: Arc<Shared>,
    _serving: JoinSet<std::io::Result<()>>,
}

#[derive(Debug)]
struct Shared {
    seed: u64,
    thinks: Duration,
    /// What it does whatever the seed says.
    always: Option<ModelBehaviour>,
    /// Where it counts what it is asked, if that is to outlive it.
    tally: Option<Tally>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    asked: BTreeMap<u64, u64>,
    behaviours: BTreeMap<u64, ModelBehaviour>,
}

impl StandInModel {
    /// Starts one on a free port of this machine.
    ///
    /// # Errors
    ///
    /// If nobody may listen there.
    pub async fn start(seed: u64) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(seed, Duration::ZERO));
        let mut serving = JoinSet::new();
        let router = router(Arc::clone(&shared));
        serving.spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            address,
            shared,
            _serving: serving,
        })
    }

    /// Where it takes requests.
    ///
    /// # Errors
    ///
    /// None: an address of this machine is an endpoint.
    pub fn endpoint(&self) -> Result<Endpoint, InvalidEndpoint> {
        format!("http://{}/v1/chat/completions", self.address).parse()
    }

    /// From now on it does this when it is asked about that change, whatever its seed says; it forgets how often it
    /// was asked.
    pub fn behaves(&self, changelist: u64, behaviour: ModelBehaviour) {
        let mut memory = self.shared.memory();
        memory.behaviours.insert(changelist, behaviour);
        memory.asked.remove(&changelist);
    }

    /// How often it was asked about a change.
    #[must_use]
    pub fn asked(&self, changelist: u64) -> u64 {
        let memory = self.shared.memory();
        memory.asked.get(&changelist).copied().unwrap_or_default()
    }
}

/// Serves until the listener fails. Each answer takes as long as it `thinks`. How often it was asked about each change
/// is in the tally, so that it can be killed and goes on where it was.
///
/// # Errors
///
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    seed: u64,
    thinks: Duration,
    tally: Tally,
) -> std::io::Result<()> {
    let shared = Shared {
        tally: Some(tally),
        ..Shared::new(seed, thinks)
    };
    axum::serve(listener, router(Arc::new(shared))).await
}

/// Like [`serve`], and answers everything as agreed.
///
/// # Errors
///
/// If the listener fails.
pub async fn serve_well(listener: TcpListener, seed: u64, thinks: Duration) -> std::io::Result<()> {
    let shared = Shared {
        always: Some(ModelBehaviour::Valid),
        ..Shared::new(seed, thinks)
    };
    axum::serve(listener, router(Arc::new(shared))).await
}

impl Shared {
    fn new(seed: u64, thinks: Duration) -> Self {
        Self {
            seed,
            thinks,
            always: None,
            tally: None,
            memory: Mutex::default(),
        }
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it does now, and how often it was asked before.
    fn turn(&self, changelist: u64) -> std::io::Result<(ModelBehaviour, u64)> {
        let mut memory = self.memory();
        let recorded = || Recorded::of(self.seed, changelist).model;
        let told = memory.behaviours.get(&changelist).copied().or(self.always);
        let count = memory.asked.entry(changelist).or_default();
        *count = match &self.tally {
            Some(tally) => tally.count(changelist)?,
            None => count.saturating_add(1),
        };
        Ok((told.unwrap_or_else(recorded), count.saturating_sub(1)))
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(complete))
        .layer(DefaultBodyLimit::max(256 * 1024 * 1024))
        .with_state(shared)
}

async fn complete(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let Some(asked) = Asked::read(&body) else {
        let mut response = Response::new(Body::from("this is no prompt for a review"));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return response;
    };
    let (behaviour, before) = match shared.turn(asked.changelist) {
        Ok(turn) => turn,
        Err(error) => {
            let mut response = Response::new(Body::from(format!("it cannot count: {error}")));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            return response;
        }
    };
    if !shared.thinks.is_zero() {
        tokio::time::sleep(shared.thinks).await;
    }
    if let Some(trouble) = trouble::instead(behaviour, before, &headers).await {
        return trouble;
    }
    let recipe = answers::recipe(shared.seed, behaviour, asked.changelist);
    let text = completion(&asked, &recipe.about(&asked), body.len()).to_string();
    Response::builder()
        .header("content-type", "application/json")
        .body(padded(&text))
        .unwrap_or_default()
}

fn completion(asked: &Asked, content: &str, asked_bytes: usize) -> Value {
    json!({
        "id": format!("review-{}", asked.changelist),
        "object": "chat.completion",
        "model": "stand-in",
        "choices": [{
            "index": 0,
            "finish_reason": "stop",
            "message": { "role": "assistant", "content": content },
        }],
        "usage": { "prompt_tokens": asked_bytes / 4, "completion_tokens": content.len() / 4 },
    })
}

/// The answer; what is huge in it is made while it is sent, so that it costs whoever refuses it little.
fn padded(text: &str) -> Body {
    const CHUNK: &[u8] = &[b'x'; 64 * 1024];
    let Some((before, after)) = text.split_once(PADDING) else {
        return Body::from(text.to_owned());
    };
    let chunks = std::iter::repeat_n(Bytes::from_static(CHUNK), LENGTH / CHUNK.len());
    let (before, after) = (before.to_owned().into(), after.to_owned().into());
    let all = std::iter::once(before).chain(chunks).chain([after]);
    Body::from_stream(stream::iter(all.map(Ok::<Bytes, std::io::Error>)))
}
