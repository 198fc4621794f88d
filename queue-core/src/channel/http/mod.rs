//! What the channels over HTTP share: to whom they may speak, how, and what an answer means.

mod address;
mod answer;
mod client;
mod excerpt;
mod guard;
mod hidden;
mod invalid;
mod names;
mod network;
mod options;
mod retry_after;
mod tls;
mod verdict;

pub use address::is_global;
pub use invalid::InvalidHttp;
pub use names::Names;
pub use network::{InvalidNetwork, Network};
pub use options::HttpOptions;

pub(crate) use answer::Answer;
pub(crate) use client::Http;
pub(crate) use hidden::Hidden;
pub(crate) use verdict::{Target, judge};
