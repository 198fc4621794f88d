//! The catalogue as a page to read, and as JSON.

use std::fmt::{self, Write};

use super::{Code, Entry, Example, Stage, Status, demonstration};

const HEAD: &str = "\
# Reason codes

<!-- Written by `cargo xtask docs` from queue-core/src/catalogue/codes.rs; edit that. -->

Every stable machine-readable code that Leasehold gives: in errors and answers (`code()`), in dead
letters (the class of a failure), in diagnostics of documents and in labels of metrics. A released
code keeps its name, its stage, its parameters and its finer reasons; what is not given any more is
marked as retired and never given to something else.

A handler is free to give classes of its own; they are not here.
";

const DEMONSTRATION: &str = "
A diagnostic carries the code, the reason, what was done (`reject`, `drop`, `coerce` or `warn`), the
correlation id that the reader was given, and the parameters of its code, as far as there is something
to say. `old` and `new` are `[redacted]` where a field is sensitive.
";

/// The page `docs/reference/reason-codes.md`.
///
/// ```
/// let page = queue_core::catalogue::page();
/// assert!(page.contains("\n### `HANDLER_PANIC`\n"));
/// ```
#[must_use]
pub fn page() -> String {
    let mut page = String::new();
    // Writing to a String cannot fail.
    let _ = write_page(&mut page);
    page
}

/// All entries as a JSON array, in the order of the table.
///
/// ```
/// let json = queue_core::catalogue::to_json();
/// let entries: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
/// assert_eq!(entries[0]["code"], "invalid_json");
/// assert_eq!(entries[0]["retry"], "after_fix");
/// ```
#[must_use]
pub fn to_json() -> String {
    let entries: Vec<&Entry> = Code::all().iter().map(|code| code.entry()).collect();
    // There is nothing in an entry that JSON cannot say.
    serde_json::to_string_pretty(&entries).unwrap_or_default()
}

fn write_page(page: &mut String) -> fmt::Result {
    page.push_str(HEAD);
    page.push_str("\n## Contents\n\n");
    for stage in Stage::ALL {
        let (title, name) = (stage.title(), stage.as_str());
        writeln!(page, "- [{title}](#{name})")?;
        for code in of(stage) {
            writeln!(page, "  - [`{code}`](#{})", anchor(code))?;
        }
    }
    for stage in Stage::ALL {
        writeln!(page, "\n<a id=\"{}\"></a>\n", stage.as_str())?;
        writeln!(page, "## {}\n\n{}", stage.title(), stage.about())?;
        if stage == Stage::Contract {
            write_demonstration(page)?;
        }
        for code in of(stage) {
            write_entry(page, code.entry())?;
        }
    }
    Ok(())
}

/// What the examples of documents are read by.
fn write_demonstration(page: &mut String) -> fmt::Result {
    let files = [
        (
            "Each example below gives its code by this contract",
            demonstration::DOCUMENT,
        ),
        ("given this to compare with", demonstration::CONTEXT),
        (
            "and those of reviews and responses give theirs by this one",
            demonstration::REVIEW,
        ),
    ];
    page.push_str(DEMONSTRATION);
    for (nth, (what, json)) in files.into_iter().enumerate() {
        let end = if nth + 1 < files.len() { "," } else { "." };
        writeln!(
            page,
            "\n<details><summary>{what}{end}</summary>\n\n```json\n{}\n```\n\n</details>",
            json.trim_end()
        )?;
    }
    Ok(())
}

fn of(stage: Stage) -> impl Iterator<Item = Code> {
    let all = Code::all().iter().copied();
    all.filter(move |code| code.entry().stage == stage)
}

/// Codes may differ in upper and lower case only, which headings make nothing of.
pub(crate) fn anchor(code: Code) -> String {
    let text = code.as_str();
    let case = if text.starts_with(|c: char| c.is_ascii_uppercase()) {
        "class"
    } else {
        "code"
    };
    format!("{case}-{}", text.to_ascii_lowercase())
}

fn write_entry(page: &mut String, entry: &Entry) -> fmt::Result {
    let code = entry.code;
    writeln!(page, "\n<a id=\"{}\"></a>\n", anchor(code))?;
    writeln!(page, "### `{code}`\n\n{}\n", entry.meaning)?;
    if let Status::Retired { since, instead } = entry.status {
        write!(page, "**Retired** since {since}")?;
        match instead {
            Some(code) => writeln!(page, ": [`{code}`](#{}) is given now.\n", anchor(code))?,
            None => page.push_str(".\n\n"),
        }
    }
    writeln!(page, "- Retry: {}", entry.retry.described())?;
    writeln!(page, "- Who acts: {}", entry.responsible.described())?;
    writeln!(page, "- What to do: {}", entry.remedy)?;
    if let Some(short) = entry.short {
        writeln!(page, "- As a store's error: `{short}`")?;
    }
    writeln!(page, "- Since: {}", entry.since)?;
    if entry.summary {
        page.push_str("\nReason: the code of the first problem that it stands for.\n");
    }
    if !entry.reasons.is_empty() {
        page.push_str("\n| reason | |\n|---|---|\n");
        for reason in entry.reasons {
            writeln!(page, "| `{}` | {} |", reason.name, cell(reason.meaning))?;
        }
    }
    if !entry.parameters.is_empty() {
        page.push_str("\n| parameter | type | |\n|---|---|---|\n");
        for parameter in entry.parameters {
            let (name, kind) = (parameter.name, parameter.kind.as_str());
            writeln!(page, "| `{name}` | {kind} | {} |", cell(parameter.meaning))?;
        }
    }
    match entry.example {
        Example::Happens(what) => writeln!(page, "\nExample: {what}"),
        Example::Reads(document) => {
            let fence = fence(document);
            writeln!(
                page,
                "\nExample: this is read.\n\n{fence}text\n{document}\n{fence}"
            )
        }
    }
}

/// A bar would end the cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// More backticks than the document has in a row.
fn fence(document: &str) -> String {
    let longest = document.split(|c| c != '`').map(str::len).max();
    "`".repeat(longest.unwrap_or(0).max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_each_code_once_in_its_contents_and_once_as_a_heading() {
        let page = page();
        for code in Code::all() {
            let anchor = anchor(*code);
            for wanted in [
                format!("  - [`{code}`](#{anchor})\n"),
                format!("<a id=\"{anchor}\"></a>\n"),
                format!("### `{code}`\n"),
            ] {
                assert_eq!(page.matches(&wanted).count(), 1, "{wanted}");
            }
        }
    }

    #[test]
    fn a_retired_code_says_what_is_given_instead() {
        let retired = |instead| {
            let mut page = String::new();
            let status = status!("0.3.0", instead);
            let entry = Code::Duplicate.entry();
            write_entry(&mut page, &Entry { status, ..*entry }).unwrap();
            page
        };
        let page = retired(Some(Code::HandlerPanic));
        let wanted =
            "**Retired** since 0.3.0: [`HANDLER_PANIC`](#class-handler_panic) is given now.\n";
        assert!(page.contains(wanted), "{page}");
        assert!(retired(None).contains("**Retired** since 0.3.0.\n"));
        assert!(!super::page().contains("**Retired**"));
    }

    #[test]
    fn a_document_cannot_end_its_fence() {
        assert_eq!(fence("{}"), "```");
        assert_eq!(fence("```json\n{}\n```"), "````");
    }
}
