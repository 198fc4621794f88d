//! What the channels over HTTP share: to whom they may speak, how, and what an answer means.

mod address;
mod answer;
mod client;
#[cfg(feature = "provider")]
mod credential;
#[cfg(feature = "provider")]
pub(crate) mod endpoint;
mod excerpt;
mod guard;
mod hidden;
mod invalid;
mod names;
mod network;
mod options;
#[cfg(feature = "search")]
pub(crate) mod placeholder;
#[cfg(feature = "provider")]
pub(crate) mod pointer;
#[cfg(feature = "provider")]
pub(crate) mod provider;
mod retry_after;
#[cfg(feature = "search")]
mod search;
mod tls;
#[cfg(feature = "search")]
pub(crate) mod url_template;
#[cfg(feature = "provider")]
pub(crate) mod url_text;
mod verdict;

pub use address::is_global;
#[cfg(feature = "provider")]
pub use credential::Credential;
pub use invalid::InvalidHttp;
pub use names::Names;
pub use network::{InvalidNetwork, Network};
pub use options::HttpOptions;
pub use retry_after::retry_after;
#[cfg(feature = "search")]
pub use search::Search;

pub(crate) use answer::Answer;
pub(crate) use client::Http;
#[cfg(feature = "email-api")]
pub(crate) use credential::header_name;
pub(crate) use hidden::Hidden;
#[cfg(feature = "search")]
pub(crate) use search::ReadySearch;
pub(crate) use verdict::{Target, judge};
