//! Asks a language model for a review: what is said to it, and what comes of the call. Nothing goes out that was not
//! redacted by the policy in force.

mod answer;
mod body;
mod client;
mod config;
mod endpoint;
mod error;
mod instructions;
mod prompt;
mod tls;

pub use answer::{Answer, Usage};
pub use client::ModelClient;
pub use config::ModelConfig;
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use error::{InvalidModel, ModelError};
pub use instructions::{PromptVersion, UnknownPrompt};
pub use prompt::{InvalidPrompt, Material, Prompt};
