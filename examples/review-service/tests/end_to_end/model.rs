//! A model that says what a test has it say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// What it says to one call.
#[derive(Debug, Clone)]
pub(crate) enum Says {
    /// This text, as a completion.
    Text(String),
    /// This status, and to come again after so many seconds.
    Status(u16, u32),
}

#[derive(Debug, Default)]
struct Script {
    /// By the number of the change; the last one is repeated.
    answers: HashMap<u64, Vec<Says>>,
    asked: Vec<(u64, String)>,
}

/// A running one.
#[derive(Debug)]
pub(crate) struct Model {
    script: Arc<Mutex<Script>>,
    pub(crate) endpoint: String,
}

impl Model {
    pub(crate) fn start(runtime: &Runtime) -> Self {
        let script = Arc::<Mutex<Script>>::default();
        let routes = Router::new()
            .route("/v1/chat/completions", post(answer))
            .with_state(Arc::clone(&script));
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let endpoint = format!(
            "http://{}/v1/chat/completions",
            listener.local_addr().unwrap()
        );
        runtime.spawn(async move { axum::serve(listener, routes).await });
        Self { script, endpoint }
    }

    /// What it says about a change from now on, one after the other.
    pub(crate) fn says(&self, changelist: u64, answers: impl IntoIterator<Item = Says>) {
        let answers = answers.into_iter().collect();
        self.script
            .lock()
            .unwrap()
            .answers
            .insert(changelist, answers);
    }

    /// What it was shown of a change, call by call.
    pub(crate) fn asked(&self, changelist: u64) -> Vec<String> {
        let script = self.script.lock().unwrap();
        let of_it = script
            .asked
            .iter()
            .filter(|(number, _)| *number == changelist);
        of_it.map(|(_, prompt)| prompt.clone()).collect()
    }
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, body: String) -> Response {
    let request: Value = serde_json::from_str(&body).unwrap();
    let prompt = request["messages"][1]["content"]
        .as_str()
        .unwrap()
        .to_owned();
    let number = prompt.split_whitespace().nth(1).unwrap().parse().unwrap();
    let mut script = script.lock().unwrap();
    script.asked.push((number, prompt));
    let says = match script.answers.get_mut(&number) {
        Some(answers) if answers.len() > 1 => answers.remove(0),
        Some(answers) => answers[0].clone(),
        None => Says::Text(review(&[])),
    };
    match says {
        Says::Text(text) => {
            let message = json!({ "role": "assistant", "content": text });
            axum::Json(json!({ "choices": [{ "message": message, "finish_reason": "stop" }] }))
                .into_response()
        }
        Says::Status(status, after) => {
            let status = StatusCode::from_u16(status).unwrap();
            (status, [("retry-after", after.to_string())], "{}").into_response()
        }
    }
}

/// A review as the contract wants it.
pub(crate) fn review(findings: &[Value]) -> String {
    json!({
        "schema_version": "1.0", "prompt_version": "1.0.0", "findings": findings, "summary": "A summary.",
    })
    .to_string()
}

/// A finding in a file, with this title.
pub(crate) fn finding(file: &str, title: &str) -> Value {
    json!({
        "id": "1", "severity": "high", "category": "security", "title": title, "file": file, "line": "17",
        "message": "The id is not escaped.",
    })
}
