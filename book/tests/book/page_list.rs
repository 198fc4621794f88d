//! Every page is in the book, and every page with code is where its code runs.

use std::collections::BTreeSet;
use std::path::PathBuf;

use book::{repository, summary};

use crate::pages;

#[test]
fn every_page_is_listed_once() {
    let root = repository::root();
    let listed = summary::listed(&root).unwrap();
    let once: BTreeSet<PathBuf> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), once.len(), "a page is listed twice");
    let there: BTreeSet<PathBuf> = repository::pages(&root).unwrap().into_iter().collect();
    let missing: Vec<_> = there.difference(&once).collect();
    assert!(missing.is_empty(), "add to docs/SUMMARY.md: {missing:?}");
    let gone: Vec<_> = once.difference(&there).collect();
    assert!(
        gone.is_empty(),
        "docs/SUMMARY.md lists what is no page: {gone:?}"
    );
}

#[test]
fn every_page_with_rust_is_a_doctest() {
    let list = include_str!("../../src/doctests.rs");
    for page in pages() {
        let runs = |info: &str| info.starts_with("rust") && !info.contains("ignore");
        let has = page.blocks().unwrap().iter().any(|block| runs(&block.info));
        let path = page.path.to_str().unwrap();
        let in_list = list.contains(&format!(" = \"{path}\","));
        assert_eq!(
            has, in_list,
            "{path}: put it into, or out of, book/src/doctests.rs"
        );
    }
}
