//! What the pages show is so: their commands run, their code compiles, their configurations are read.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test reports"
)]

mod api;
mod commands;
mod data;
mod fragments;
mod help;
mod known;
mod page_list;
mod programs;
mod script;
mod seed;
mod sql;
mod start;
mod states;

use book::page::Page;
use book::repository;

/// All pages.
fn pages() -> Vec<Page> {
    let root = repository::root();
    let paths = repository::pages(&root).unwrap();
    paths
        .iter()
        .map(|path| Page::read(&root, path).unwrap())
        .collect()
}

fn page(path: &str) -> Page {
    Page::read(&repository::root(), path.as_ref()).unwrap()
}
