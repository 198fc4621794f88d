//! Requests and answers as the chat-completions form has them.

use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Debug, Serialize)]
pub(super) struct Request<'a> {
    pub(super) model: &'a str,
    pub(super) messages: [Message<'a>; 2],
    pub(super) response_format: Format,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f64>,
}

/// One side's words.
#[derive(Debug, Serialize)]
pub(super) struct Message<'a> {
    pub(super) role: &'static str,
    pub(super) content: &'a str,
}

/// What the answer is to be.
#[derive(Debug, Serialize)]
pub(super) struct Format {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

/// What is answered; what is not read here may be anything.
#[derive(Debug, Deserialize)]
pub(super) struct Completion {
    #[serde(default)]
    pub(super) model: Option<String>,
    pub(super) choices: Vec<Choice>,
    #[serde(default)]
    pub(super) usage: Option<Tokens>,
}

/// One of the answers; the first counts.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    pub(super) message: Reply,
    #[serde(default)]
    pub(super) finish_reason: Option<String>,
}

/// What the model said, or that it will not say it.
#[derive(Debug, Deserialize)]
pub(super) struct Reply {
    #[serde(default)]
    pub(super) content: Option<String>,
    #[serde(default)]
    pub(super) refusal: Option<String>,
}

/// What it cost.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Tokens {
    #[serde(default)]
    pub(super) prompt_tokens: u64,
    #[serde(default)]
    pub(super) completion_tokens: u64,
}

/// How servers say what is wrong.
#[derive(Debug, Deserialize)]
pub(super) struct Trouble {
    pub(super) error: TroubleCode,
}

/// The codes in it; what it says in words is not read.
#[derive(Debug, Deserialize)]
pub(super) struct TroubleCode {
    #[serde(default)]
    pub(super) code: Option<String>,
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
}
