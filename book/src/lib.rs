//! The book: which pages it has, what their blocks of code are, whether its links lead anywhere.
//!
//! mdBook makes HTML of it; `cargo xtask book` runs all of it. Its tests run what the pages show.

pub mod block;
pub mod html;
pub mod links;
pub mod page;
pub mod repository;
pub mod stage;
pub mod summary;

#[cfg(doctest)]
mod doctests;
