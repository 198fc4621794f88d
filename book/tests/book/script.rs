//! The commands of a page as one script: in their order, in one folder, with what earlier ones exported.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use book::block::{Block, Note};
use book::page::Page;

/// What a page's commands printed, by the line of their block.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) outputs: Vec<(usize, String)>,
}

/// Where it runs, and what is replaced in it.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) folder: &'a Path,
    /// Before the programs of the machine.
    pub(crate) path: Vec<String>,
    pub(crate) variables: Vec<(&'static str, String)>,
    /// What pages say, and what it is here: ports and folders that must be nobody else's.
    pub(crate) instead: Vec<(String, String)>,
}

impl Place<'_> {
    fn here(&self, text: &str) -> String {
        let replaced = self.instead.iter();
        replaced.fold(text.to_owned(), |text, (said, here)| {
            text.replace(said, here)
        })
    }
}

/// Runs them, and holds what they print to what the page says that they do.
pub(crate) fn run(page: &Page, place: &Place<'_>) -> Ran {
    let blocks = page.blocks().unwrap();
    let name = page.path.display().to_string();
    let outputs = place.folder.join(".outputs");
    fs::create_dir_all(&outputs).unwrap();
    let mut script =
        String::from("set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT\n");
    let mut lines = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        if let Some(Note::File(path)) = &block.note {
            let file = place.folder.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            // Written when its turn comes: a later one may take the place of an earlier one.
            let stored = outputs.join(format!("{index}.file"));
            fs::write(&stored, place.here(&block.text)).unwrap();
            let (stored, file) = (stored.display(), file.display());
            writeln!(script, "cp '{stored}' '{file}'").unwrap();
            continue;
        }
        if !is_run(block) {
            continue;
        }
        lines.push((index, block.line));
        let text = place.here(&block.text);
        let text = if block.language() == "python" {
            format!("python3 - <<'END OF THE BLOCK'\n{text}\nEND OF THE BLOCK")
        } else {
            text
        };
        let said = outputs.join(format!("{index}"));
        let said = said.display();
        writeln!(
            script,
            "echo '{name}:{}' > '{}/at'",
            block.line,
            outputs.display()
        )
        .unwrap();
        match &block.note {
            Some(Note::EndsWith(code)) => writeln!(
                script,
                "set +e\n( set -e\n{text}\n) > '{said}' 2>&1\ncode=$?\nset -e\n\
                 [ $code = {code} ] || {{ echo \"it ended with $code instead of {code}\"; exit 99; }}"
            ),
            Some(Note::UntilItPrints) => {
                let expected = blocks.get(index + 1).expect("what it prints comes next");
                let wanted = expected.text.lines().map(|line| {
                    let parts = place.here(line);
                    let parts = parts.split('…').map(quoted).collect::<Vec<_>>();
                    format!("grep -qE -- '{}' '{said}'", parts.join(".*"))
                });
                let wanted = wanted.collect::<Vec<_>>().join(" && ");
                // Looking again is how a person waits, too; it is given up after a minute or so.
                writeln!(
                    script,
                    "for again in $(seq 600); do\n{{\n{text}\n}} > '{said}' 2>&1 || true\n\
                     if {wanted}; then break; fi\nsleep 0.1\ndone"
                )
            }
            _ => writeln!(script, "{{\n{text}\n}} > '{said}' 2>&1"),
        }
        .unwrap();
    }
    let file = outputs.join("script");
    fs::write(&file, script).unwrap();
    let mut path = place.path.clone();
    path.extend(fixtures::curl::folder().map(|folder| folder.display().to_string()));
    path.push(std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    bash.arg(&file)
        .current_dir(place.folder)
        .env("PATH", path.join(":"))
        .env("LEASEHOLD_ACTOR", "ada")
        .env_remove("LEASEHOLD_DATABASE_URL")
        .env_remove("LEASEHOLD_CONFIG")
        .envs(place.variables.iter().map(|(name, value)| (*name, value)))
        .stdin(Stdio::null());
    // What cargo tells this test of its package is nothing that a package of the page should see.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            bash.env_remove(&*name);
        }
    }
    let output = bash.output().unwrap();
    let said =
        |index: usize| fs::read_to_string(outputs.join(format!("{index}"))).unwrap_or_default();
    if !output.status.success() {
        let at = fs::read_to_string(outputs.join("at")).unwrap_or_default();
        let last = lines
            .iter()
            .rfind(|(index, _)| outputs.join(format!("{index}")).exists());
        panic!(
            "{} failed ({}):\n{}{}{}",
            at.trim(),
            output.status,
            last.map(|(index, _)| said(*index)).unwrap_or_default(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let ran = Ran {
        outputs: lines
            .iter()
            .map(|(index, line)| (*line, said(*index)))
            .collect(),
    };
    printed(&name, &blocks, place, &ran);
    ran
}

/// Whether a block is commands that are to be run here.
pub(crate) fn is_run(block: &Block) -> bool {
    let run = matches!(
        block.note,
        None | Some(Note::EndsWith(_) | Note::UntilItPrints)
    );
    matches!(block.language(), "sh" | "python") && run
}

fn quoted(text: &str) -> String {
    let special = |letter: char| ".^$*+?()[]{}|\\".contains(letter);
    let escaped = text.chars().map(|letter| {
        if special(letter) {
            format!("\\{letter}")
        } else {
            letter.to_string()
        }
    });
    escaped.collect::<String>().replace('\'', "'\\''")
}

/// Whether a line is what is said, where `…` is for anything.
fn fits(said: &str, line: &str) -> bool {
    let mut rest = line;
    for part in said.split('…') {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

fn printed(name: &str, blocks: &[Block], place: &Place<'_>, ran: &Ran) {
    for (index, block) in blocks.iter().enumerate() {
        if block.note != Some(Note::Prints) {
            continue;
        }
        let before = blocks[..index].iter().rfind(|before| is_run(before));
        let before = before.unwrap_or_else(|| panic!("{name}:{}: nothing prints it", block.line));
        let (_, output) = ran
            .outputs
            .iter()
            .find(|(line, _)| *line == before.line)
            .unwrap();
        let mut lines = output.lines();
        for said in block.text.lines().map(|line| place.here(line)) {
            if said.trim() == "…" || said.trim().is_empty() {
                continue;
            }
            assert!(
                lines.any(|line| fits(said.trim(), line)),
                "{name}:{}: not printed, or not in this order: {said}\n--- printed:\n{output}",
                block.line
            );
        }
    }
}

#[test]
fn what_is_printed_is_compared() {
    assert!(fits("a … c", "x a b c"));
    assert!(!fits("a … d", "x a b c"));
    assert_eq!(quoted("a.b's"), "a\\.b'\\''s");
}
