//! What the stores are made to do.

pub(crate) mod bulk;
pub(crate) mod depth;
pub(crate) mod drain;
pub(crate) mod enqueue;
pub(crate) mod load;
pub(crate) mod memory;
pub(crate) mod pickup;
pub(crate) mod pipeline;
pub(crate) mod worker;
