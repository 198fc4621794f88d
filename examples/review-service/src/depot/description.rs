//! Reads what `p4 describe -du` writes.

use super::{Change, ChangedFile, Changelist, DepotError};

const FILES: &str = "Affected files ...";
const DIFFERENCES: &str = "Differences ...";

/// The description of that change. Of one that was cut off the list of files must be whole: what is not known to be
/// allowed is not reviewed.
pub(super) fn read(changelist: Changelist, out: &[u8], cut: bool) -> Result<Change, DepotError> {
    let out = String::from_utf8_lossy(out);
    let unreadable = |problem| DepotError::Unreadable {
        changelist,
        problem,
    };
    let (head, rest) = out
        .split_once('\n')
        .ok_or_else(|| unreadable("it has no second line"))?;
    let author = author(changelist, head.trim_end_matches('\r'))?;
    // Lines of the author's text are indented: no other line of it can be one of these.
    let (about, diff) = match split_at_line(rest, DIFFERENCES) {
        Some(parts) => parts,
        None if cut => return Err(DepotError::TooLarge(changelist)),
        None => return Err(unreadable("it has no differences")),
    };
    let (description, files) =
        split_at_line(about, FILES).ok_or_else(|| unreadable("it has no list of files"))?;
    let files = files.lines().filter_map(|line| line.strip_prefix("... "));
    let files: Option<Vec<ChangedFile>> = files.map(file).collect();
    let diff = diff.trim_start_matches(['\r', '\n']);
    let diff = if cut { whole_lines(diff) } else { diff };
    Ok(Change {
        changelist,
        author,
        description: unindented(description),
        files: files.ok_or_else(|| unreadable("a line of its list of files is none"))?,
        diff: diff.to_owned(),
        cut,
    })
}

/// Of `Change 4711 by ada@workspace on 2024/05/17 12:00:00`.
fn author(changelist: Changelist, head: &str) -> Result<String, DepotError> {
    let problem = "its first line is not of that change";
    let unreadable = || DepotError::Unreadable {
        changelist,
        problem,
    };
    let rest = head.strip_prefix("Change ").ok_or_else(unreadable)?;
    let (number, rest) = rest.split_once(" by ").ok_or_else(unreadable)?;
    if number != changelist.to_string() {
        return Err(unreadable());
    }
    if rest.ends_with("*pending*") {
        return Err(DepotError::NotSubmitted(changelist));
    }
    let (user, _) = rest.split_once('@').ok_or_else(unreadable)?;
    Ok(user.to_owned())
}

/// Of `//depot/app/main.rs#3 edit`. A name may have spaces in it, and no `#`.
fn file(line: &str) -> Option<ChangedFile> {
    let (path, rest) = line.trim_end_matches('\r').rsplit_once('#')?;
    let (revision, action) = rest.split_once(' ')?;
    Some(ChangedFile {
        path: path.to_owned(),
        action: action.to_owned(),
        revision: revision.parse().ok()?,
    })
}

/// What is before and after the first line that is exactly this.
fn split_at_line<'t>(text: &'t str, line: &str) -> Option<(&'t str, &'t str)> {
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        let end = at + whole.len();
        if whole.trim_end_matches(['\r', '\n']) == line {
            return Some((text.get(..at)?, text.get(end..)?));
        }
        at = end;
    }
    None
}

fn unindented(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.strip_prefix('\t').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Without the end that was cut in the middle of a line.
fn whole_lines(text: &str) -> &str {
    let end = text.rfind('\n').map_or(0, |at| at + 1);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Change 4711 by ada@ada-laptop on 2024/05/17 12:00:00\n\n\tRound up.\n\t\n\tAffected files ...\n\n\
                        Affected files ...\n\n... //depot/app/a b.rs#3 edit\n... //depot/app/C%23.cs#1 move/add\n\n\
                        Differences ...\n\n==== //depot/app/a b.rs#3 (text) ====\n\n@@ -1,1 +1,1 @@\n-a\n+b\n";

    fn number() -> Changelist {
        Changelist::new(4711).unwrap()
    }

    fn problem(text: &str) -> &'static str {
        match read(number(), text.as_bytes(), false) {
            Err(DepotError::Unreadable { problem, .. }) => problem,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_description_is_read_whole() {
        for text in [TEXT.to_owned(), TEXT.replace('\n', "\r\n")] {
            let change = read(number(), text.as_bytes(), false).unwrap();
            assert_eq!(change.author, "ada");
            assert_eq!(change.description, "Round up.\n\nAffected files ...");
            let files: Vec<_> = change
                .files
                .iter()
                .map(|file| (&*file.path, &*file.action, file.revision))
                .collect();
            assert_eq!(
                files,
                [
                    ("//depot/app/a b.rs", "edit", 3),
                    ("//depot/app/C%23.cs", "move/add", 1)
                ]
            );
            assert!(
                change
                    .diff
                    .starts_with("==== //depot/app/a b.rs#3 (text) ===="),
                "{:?}",
                change.diff
            );
            assert!(!change.cut);
        }
    }

    #[test]
    fn of_a_cut_one_the_list_of_files_must_be_whole() {
        let cut = |at: &str| read(number(), TEXT.split_once(at).unwrap().0.as_bytes(), true);
        let change = cut("a\n+b").unwrap();
        assert!(change.cut);
        assert!(
            change.diff.ends_with("@@ -1,1 +1,1 @@\n"),
            "{:?}",
            change.diff
        );
        assert_eq!(
            cut("... //depot/app/C"),
            Err(DepotError::TooLarge(number()))
        );
        assert_eq!(cut("Differences"), Err(DepotError::TooLarge(number())));
    }

    #[test]
    fn anything_else_is_none() {
        assert_eq!(problem(""), "it has no second line");
        assert_eq!(problem("hello\n"), "its first line is not of that change");
        assert_eq!(
            problem(&TEXT.replace("4711", "4712")),
            "its first line is not of that change"
        );
        assert_eq!(
            problem(&TEXT.replace("Differences ...", "")),
            "it has no differences"
        );
        assert_eq!(
            problem(&TEXT.replace("\nAffected", "\nAffecting")),
            "it has no list of files"
        );
        assert_eq!(
            problem(&TEXT.replace("#3 edit", "")),
            "a line of its list of files is none"
        );
        assert_eq!(
            problem(&TEXT.replace("#1 move", "#one move")),
            "a line of its list of files is none"
        );
        let pending = TEXT.replace("12:00:00", "12:00:00 *pending*");
        assert_eq!(
            read(number(), pending.as_bytes(), false),
            Err(DepotError::NotSubmitted(number()))
        );
    }
}
