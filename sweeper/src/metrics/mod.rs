//! What is measured: one table, the recorder that counts it, and the text that Prometheus reads.

mod bounded;
mod exposition;
mod recorder;
mod table;

pub(crate) use recorder::Meters;
pub use table::{METRICS, Metric, MetricKind, metrics_page};
