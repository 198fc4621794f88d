//! What the model said.

use serde::{Deserialize, Serialize};

use super::ModelError;
use super::body::{Completion, Tokens, Trouble};

/// What the model said, not judged yet: it goes to the contract, and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Its text, which is to be a review.
    pub text: String,
    /// Which model it says it is.
    pub model: Option<String>,
    /// What it cost.
    pub usage: Usage,
}

/// What a call cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens that were read.
    pub prompt_tokens: u64,
    /// Tokens that were written.
    pub completion_tokens: u64,
}

/// A model's name is no longer than this; what is longer is none.
const LONGEST_NAME: usize = 200;

impl Answer {
    /// From the body of an answer with a status that says it is one.
    pub(super) fn read(body: &[u8]) -> Result<Self, ModelError> {
        let completion: Completion = serde_json::from_slice(body).map_err(|error| {
            match error.classify() {
                // It was said to be whole, and ends in the middle.
                serde_json::error::Category::Eof => ModelError::BrokenOff,
                serde_json::error::Category::Data => {
                    ModelError::NoCompletion("it has no choices with a message")
                }
                _ => ModelError::NoCompletion("it is no JSON, or too deep"),
            }
        })?;
        let mut choices = completion.choices.into_iter();
        let choice = choices
            .next()
            .ok_or(ModelError::NoCompletion("it has no choice"))?;
        let refused = |code| ModelError::Refused {
            status: 200,
            code: Some(code),
        };
        match choice.finish_reason.as_deref() {
            Some("length") => return Err(ModelError::CutShort),
            Some("content_filter") => return Err(refused("content_filter")),
            _ if choice.message.refusal.is_some() => return Err(refused("refusal")),
            _ => {}
        }
        let text = choice
            .message
            .content
            .ok_or(ModelError::NoCompletion("its message has no content"))?;
        let Tokens {
            prompt_tokens,
            completion_tokens,
        } = completion.usage.unwrap_or_default();
        Ok(Self {
            text,
            model: completion.model.filter(|name| name.len() <= LONGEST_NAME),
            usage: Usage {
                prompt_tokens,
                completion_tokens,
            },
        })
    }
}

/// The codes by which servers say what is wrong. Others are left out: what a server writes may repeat the key or the
/// prompt, wherever it writes it.
const KNOWN: [&str; 12] = [
    "content_filter",
    "content_policy_violation",
    "context_length_exceeded",
    "insufficient_quota",
    "invalid_api_key",
    "invalid_request_error",
    "model_not_found",
    "overloaded",
    "overloaded_error",
    "rate_limit_exceeded",
    "rate_limit_error",
    "server_error",
];

/// The code in the body of a refusal, if it is one that is known.
pub(super) fn code(body: &[u8]) -> Option<&'static str> {
    let Trouble { error } = serde_json::from_slice(body).ok()?;
    let said = [error.code, error.kind];
    let mut known = KNOWN.into_iter();
    known.find(|known| said.iter().flatten().any(|said| said == known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Answer, ModelError> {
        Answer::read(body.as_bytes())
    }

    #[test]
    fn the_first_choice_counts() {
        let answer = read(
            r#"{"id": "x", "model": "m-1", "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "{}"}},
                {"index": 1, "message": {"content": "other"}}
            ], "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}}"#,
        )
        .unwrap();
        assert_eq!(
            (answer.text.as_str(), answer.model.as_deref()),
            ("{}", Some("m-1"))
        );
        assert_eq!(
            (answer.usage.prompt_tokens, answer.usage.completion_tokens),
            (7, 2)
        );
    }

    #[test]
    fn what_is_no_completion_is_told_apart_from_one_that_broke_off() {
        for (body, wanted) in [
            ("", "NETWORK_UNREACHABLE"),
            (r#"{"choices": [{"mess"#, "NETWORK_UNREACHABLE"),
            ("<html>Bad gateway</html>", "MODEL_ANSWER_INVALID"),
            (r#"{"choices": []}"#, "MODEL_ANSWER_INVALID"),
            (r#"{"choices": {}}"#, "MODEL_ANSWER_INVALID"),
            (
                r#"{"choices": [{"message": {"content": null}}]}"#,
                "MODEL_ANSWER_INVALID",
            ),
            (
                r#"{"choices": [{"message": {"content": ["a"]}}]}"#,
                "MODEL_ANSWER_INVALID",
            ),
            (
                r#"{"choices": [{"message": {"content": "{", "refusal": "No."}}]}"#,
                "MODEL_REFUSED",
            ),
            (
                r#"{"choices": [{"finish_reason": "content_filter", "message": {}}]}"#,
                "MODEL_REFUSED",
            ),
            (
                r#"{"choices": [{"finish_reason": "length", "message": {"content": "{"}}]}"#,
                "MODEL_ANSWER_CUT_SHORT",
            ),
        ] {
            assert_eq!(read(body).unwrap_err().class(), wanted, "{body}");
        }
        let deep = format!(r#"{{"choices": {}"#, "[".repeat(100_000));
        assert_eq!(read(&deep).unwrap_err().class(), "MODEL_ANSWER_INVALID");
    }

    #[test]
    fn only_known_codes_are_told() {
        for (body, wanted) in [
            (
                r#"{"error": {"message": "m", "code": "rate_limit_exceeded"}}"#,
                Some("rate_limit_exceeded"),
            ),
            (
                r#"{"error": {"type": "server_error", "code": null}}"#,
                Some("server_error"),
            ),
            (
                r#"{"error": {"type": "server_error", "code": "your_key_was_abc"}}"#,
                Some("server_error"),
            ),
            (r#"{"error": {"code": "your_key_was_abc"}}"#, None),
            (r#"{"error": {"code": 17}}"#, None),
            (r#"{"error": "server_error"}"#, None),
            ("not json", None),
        ] {
            assert_eq!(code(body.as_bytes()), wanted, "{body}");
        }
    }
}
