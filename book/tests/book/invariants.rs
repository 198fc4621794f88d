//! Each invariant names what holds it, and what it names is there.

use crate::page;
use crate::paths::missing;

/// Where a name of the table lies: a module of the fixtures, or a path.
fn place(proof: &str) -> String {
    let (crate_or_module, rest) = proof.split_once("::").unwrap_or(("", proof));
    match crate_or_module {
        "fixtures" => format!("fixtures/src/{rest}*"),
        "conformance" => format!("fixtures/src/conformance/{rest}.rs"),
        _ => proof.to_owned(),
    }
}

#[test]
fn each_invariant_has_proofs_that_are_there() {
    let page = page("ARCHITECTURE.md");
    let rows = page.text.lines().filter(|line| line.starts_with("| I"));
    let mut numbers = Vec::new();
    for row in rows {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let (number, proofs) = (cells[1], cells[3]);
        numbers.push(number[1..].parse::<usize>().unwrap());
        let named: Vec<_> = proofs.split('`').skip(1).step_by(2).collect();
        let named = named.iter().filter(|proof| proof.contains(['/', ':']));
        let places: Vec<_> = named.map(|proof| place(proof)).collect();
        assert!(!places.is_empty(), "{number} has no proof");
        for place in places {
            assert_eq!(missing(&place), Vec::<String>::new(), "{number}");
        }
    }
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
}

#[test]
fn a_proof_that_is_gone_is_told() {
    assert!(missing(&place("fixtures::crash")).is_empty());
    assert!(!missing(&place("fixtures::gone")).is_empty());
    assert!(!missing(&place("conformance::gone")).is_empty());
}
