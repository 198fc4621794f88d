//! A depot of files, asked by an executable in the place of `p4`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Answers `describe` with a file, or as the depot does where there is no such change. Any number has one until
/// something else is said.
const P4: &str = r#"#!/bin/sh
for last; do :; done
folder=${0%/*}/depot
if [ -e "$folder/$last.unknown" ]; then
    echo "$last - no such changelist." >&2
    exit 1
fi
if [ -e "$folder/$last" ]; then cat "$folder/$last"; else sed "s/NUMBER/$last/" "$folder/any"; fi
"#;

/// Puts it into a folder.
pub(crate) fn install(dir: &Path) {
    fs::create_dir(dir.join("depot")).unwrap();
    let program = dir.join("p4");
    fs::write(&program, P4).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let any = described("NUMBER", &["//depot/shop/src/db.rs"], "+let id = 1;");
    fs::write(dir.join("depot/any"), any).unwrap();
}

/// What the configuration says of it.
pub(crate) fn section(dir: &Path) -> String {
    format!("executable = {:?}", dir.join("p4"))
}

/// From now on the change has these files, and these lines in each.
pub(crate) fn change(dir: &Path, number: u64, files: &[&str], lines: &str) {
    let text = described(&number.to_string(), files, lines);
    fs::write(dir.join(format!("depot/{number}")), text).unwrap();
}

/// From now on there is no such change.
pub(crate) fn unknown(dir: &Path, number: u64) {
    fs::write(dir.join(format!("depot/{number}.unknown")), "").unwrap();
}

/// As `p4 describe -du` writes it.
fn described(number: &str, files: &[&str], lines: &str) -> String {
    let listed: String = files
        .iter()
        .map(|file| format!("... {file}#3 edit\n"))
        .collect();
    let differences: String = files
        .iter()
        .map(|file| format!("==== {file}#3 (text) ====\n\n@@ -17 +17 @@\n-old\n{lines}\n\n"))
        .collect();
    format!(
        "Change {number} by mlind@desk on 2026/11/20 10:00:00\n\n\tEscape what comes from outside\n\n\
         Affected files ...\n\n{listed}\nDifferences ...\n\n{differences}"
    )
}
