//! What a prompt asks for.

use serde::Deserialize;

/// What a prompt asks for, read out of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The change that is to be reviewed.
    pub changelist: u64,
    /// The version of the contract that is to be written.
    pub schema: String,
    /// The version of the prompt that is to be written.
    pub prompt: String,
    /// The files of the change.
    pub files: Vec<String>,
}

#[derive(Deserialize)]
struct Request {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: String,
}

impl Asked {
    /// From the body of a request.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let Request { messages } = serde_json::from_slice(body).ok()?;
        let said = |role: &str| {
            let mut said = messages.iter().filter(|message| message.role == role);
            said.next().map(|message| message.content.as_str())
        };
        let (system, user) = (said("system")?, said("user")?);
        let first = user.lines().next()?;
        Some(Self {
            changelist: first.strip_prefix("Change ")?.parse().ok()?,
            schema: exactly(system, "schema_version")?,
            prompt: exactly(system, "prompt_version")?,
            files: files(user)?,
        })
    }
}

/// The version that a field is to have.
fn exactly(system: &str, field: &str) -> Option<String> {
    let (_, rest) = system.split_once(&format!("`{field}` (required): exactly \""))?;
    rest.split_once('"').map(|(version, _)| version.to_owned())
}

/// What stands between the marks after `changed_files:`.
fn files(user: &str) -> Option<Vec<String>> {
    let (_, rest) = user.split_once("\nchanged_files:\n<")?;
    let (mark, rest) = rest.split_once(">\n")?;
    let (inside, _) = rest.split_once(&format!("</{mark}>"))?;
    Some(inside.lines().map(str::to_owned).collect())
}
