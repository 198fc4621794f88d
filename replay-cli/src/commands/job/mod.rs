//! `leasehold job`: single jobs.

mod item;

pub(crate) use item::JobItem;
