//! Health and metrics over HTTP: four pages, read only, within hard limits.

mod listener;
mod pages;
mod server;

pub(crate) use server::Server;
