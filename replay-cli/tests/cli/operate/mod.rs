//! What operators do, on both databases: the same lines get the same answers.

mod again;
mod at_once;
mod audit;
mod backup;
mod bulk;
mod channel;
mod config;
mod dead;
mod doctor;
mod files;
mod gone;
mod help;
mod job;
mod migrate;
mod notification;
mod paging;
mod queue;
mod replay;
mod retention;
mod schedule;
mod site;
mod stats;
mod suppression;
mod tampering;
mod terminal;
mod trouble;

use site::Site;
