//! Messages into a file: for development.

use std::path::Path;
use std::sync::Arc;

use queue_core::channel::{Channel, FileChannel};

use crate::delivery::key::{ChannelKey, Shape, key};
use crate::delivery::values::Values;

pub(in crate::delivery) const KEYS: &[ChannelKey] = &[key(
    "path",
    Shape::Path,
    "the file that each message is added to as a line of JSON, or - for standard output",
)
.required()];

pub(super) fn build(values: &Values) -> Arc<dyn Channel> {
    match values.path("path") {
        Some(path) if path != Path::new("-") => Arc::new(FileChannel::append_to(path)),
        _ => Arc::new(FileChannel::stdout()),
    }
}
