//! Tables: in Markdown, aligned so that they can be read in a terminal as well.

use crate::record::{CaseRecord, Entry, Figures};

const HEADINGS: [&str; 8] = [
    "", "jobs/s", "spread", "p50 ms", "p99 ms", "MiB", "ratio", "target",
];

/// One line per contestant, the cases under each other.
pub(crate) fn of_cases(cases: &[&CaseRecord]) -> String {
    lines(HEADINGS, cases, |case, entry| {
        line(entry, &case.figures(entry))
    })
}

/// Any table with a line per contestant: how one is written is said by `line`.
pub(crate) fn lines<const COLUMNS: usize>(
    headings: [&str; COLUMNS],
    cases: &[&CaseRecord],
    line: impl Fn(&CaseRecord, &Entry) -> Vec<String>,
) -> String {
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    for case in cases {
        rows.push(heading(case, COLUMNS));
        rows.extend(case.entries.iter().map(|entry| line(case, entry)));
    }
    align(&rows)
}

/// What stands above a case.
fn heading(case: &CaseRecord, columns: usize) -> Vec<String> {
    let mut cells = vec![format!("**{}, {}**", case.workload, case.title)];
    cells.resize(columns, String::new());
    cells
}

/// What an entry is to reach, and whether it does.
pub(crate) fn verdict(entry: &Entry, figures: &Figures) -> String {
    let Some(target) = entry.target else {
        return String::new();
    };
    let verdict = if target.is_met(figures) {
        "met"
    } else {
        "MISSED"
    };
    format!("{}: {verdict}", target.text())
}

/// A spread, as the tables show it.
pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or_else(String::new, |share| format!("{:.0} %", share * 100.0))
}

fn line(entry: &Entry, figures: &Figures) -> Vec<String> {
    let shown = |value: Option<f64>, digits: usize| {
        value.map_or_else(String::new, |value| format!("{value:.digits$}"))
    };
    vec![
        entry.name.clone(),
        thousands(figures.rate),
        percent(figures.spread),
        shown(figures.p50_ms, 2),
        shown(figures.p99_ms, 2),
        shown(figures.peak_mib, 1),
        shown(figures.ratio, 2),
        verdict(entry, figures),
    ]
}

/// `1234567` as `1,234,567`, and only three digits that count.
pub(crate) fn thousands(value: f64) -> String {
    let unit = 10f64.powi((value.max(1.0).log10().floor() as i32 - 2).max(0));
    let digits = format!("{:.0}", (value / unit).round() * unit);
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The first row is the head; all but the first and the last column are numbers.
pub(crate) fn align(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let width = |row: &Vec<String>| row.get(column).map_or(0, |cell| cell.chars().count());
            rows.iter().map(width).max().unwrap_or(0).max(3)
        })
        .collect();
    let is_text = |column: usize| column == 0 || column + 1 == columns;
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, &width))| {
                if is_text(column) {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            })
            .collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
        if number == 0 {
            let rules: Vec<String> = widths
                .iter()
                .enumerate()
                .map(|(column, &width)| {
                    let end = if is_text(column) { "-" } else { ":" };
                    format!("{}{end}", "-".repeat(width + 1))
                })
                .collect();
            text.push_str(&format!("|{}|\n", rules.join("|")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_rounded_to_what_counts() {
        assert_eq!(thousands(0.0), "0");
        assert_eq!(thousands(7.4), "7");
        assert_eq!(thousands(999.6), "1,000");
        assert_eq!(thousands(4_718.0), "4,720");
        assert_eq!(thousands(203_499.0), "203,000");
        assert_eq!(thousands(1_234_567.0), "1,230,000");
    }

    #[test]
    fn all_lines_of_a_table_are_of_one_width() {
        let row = |name: &str| {
            let mut cells = vec![name.to_owned()];
            cells.resize(HEADINGS.len(), "1 ×".to_owned());
            cells
        };
        let text = align(&[row("a"), row("longer")]);
        let widths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
        assert_eq!(widths.len(), 3);
        assert!(widths.iter().all(|width| width == &widths[0]), "{text}");
        assert!(text.contains("-|-") || text.contains(":|"), "{text}");
    }
}
