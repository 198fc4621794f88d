//! Figures on a page: measured by its drill, written by a program.

use std::fs;

use crate::drill::Measured;
use crate::page::Page;

/// Puts the rows of a database into the page's table, or holds the table to their shape: the table stands between
/// `<!-- measured on DATABASE -->` and `<!-- end of measured -->`, with a head of its own.
pub(crate) fn settle(page: &Page, database: &str, rows: &[Vec<String>], measured: Measured) {
    let (mark, end) = (
        format!("<!-- measured on {database} -->\n"),
        "<!-- end of measured -->",
    );
    let place = Page::folder().join(format!("{}.md", page.name));
    // The other database's rows may have been written meanwhile.
    let text = fs::read_to_string(&place).unwrap();
    let (before, rest) = text
        .split_once(&mark)
        .unwrap_or_else(|| panic!("{} has no place for what was measured: {mark}", page.name));
    let (table, after) = rest.split_once(end).unwrap();
    let mut lines = table.lines().filter(|line| !line.is_empty());
    let head: Vec<&str> = lines.by_ref().take(2).collect();
    let shown: Vec<String> = rows
        .iter()
        .map(|row| format!("| {} |", row.join(" | ")))
        .collect();
    for row in &shown {
        println!("{row}");
    }
    match measured {
        Measured::Written => {
            let text = format!(
                "{before}{mark}\n{}\n{}\n\n{end}{after}",
                head.join("\n"),
                shown.join("\n")
            );
            fs::write(place, text).unwrap();
        }
        Measured::Compared => {
            let shapes = |lines: &[String]| lines.iter().map(|it| shape(it)).collect::<Vec<_>>();
            let there: Vec<String> = lines.map(str::to_owned).collect();
            assert_eq!(
                shapes(&there),
                shapes(&shown),
                "write it anew: cargo xtask drill {} --write",
                page.name
            );
        }
    }
}

/// A line without its figures and their units.
fn shape(line: &str) -> String {
    let mut shape = String::new();
    for word in line.split_whitespace() {
        let is_figure = word.starts_with(|it: char| it.is_ascii_digit());
        let is_unit = ["ms", "s", "kB", "MB"].contains(&word);
        match (is_figure, is_unit) {
            (true, _) => shape.push_str("0 "),
            (false, true) => {}
            (false, false) => {
                shape.push_str(word);
                shape.push(' ');
            }
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn figures_differ_and_shapes_do_not() {
        assert_eq!(shape("| backup | 310 ms |"), shape("| backup | 1.2 s |"));
        assert_ne!(shape("| backup | 310 ms |"), shape("| restore | 310 ms |"));
    }
}
