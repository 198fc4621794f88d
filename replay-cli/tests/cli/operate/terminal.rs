//! What people see: on a terminal, which `script` makes.

use fixtures::bed::Bed;

use super::Site;
use super::site::{dead_in, same};
use crate::Ran;

async fn letters(bed: &Bed) {
    dead_in(bed, "mail", "NETWORK_TIMEOUT").await;
    dead_in(
        bed,
        "a.queue.with.quite.a.long.name/of/some/tenant",
        "BROKEN",
    )
    .await;
}

/// A line on a terminal so wide.
fn on_terminal(site: &Site, width: u32, line: &str, variables: &[(&str, &str)]) -> String {
    let program = env!("CARGO_BIN_EXE_leasehold");
    let typed = format!("stty rows 24 cols {width} && {program} {line}");
    let mut script = std::process::Command::new("script");
    script
        .args(["-q", "-e", "-c", &typed, "/dev/null"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("TERM", "xterm")
        .env("LEASEHOLD_DATABASE_URL", &site.url)
        .env("LEASEHOLD_ACTOR", "ada")
        .envs(variables.iter().copied())
        .current_dir(site.desk.0.path())
        .stdin(std::process::Stdio::null());
    let ran = Ran::of(&script.output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.stdout.replace("\r\n", "\n")
}

#[test]
fn tables_fit_the_terminal() {
    let site = Site::empty_sqlite().migrated();
    site.seed(letters);
    let seen = |width| {
        let text = on_terminal(&site, width, "dead list --no-color", &[]);
        // How long ago depends on how fast the test is.
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let narrow = seen(100);
    assert!(
        narrow.iter().all(|line| line.chars().count() <= 100),
        "{narrow:#?}"
    );
    assert!(narrow[0].starts_with("job  state  queue "), "{narrow:#?}");
    assert!(
        narrow[1].contains("a.queue.") && narrow[2].contains('…'),
        "{narrow:#?}"
    );
    let wide = seen(220);
    assert!(
        wide[1].contains("a.queue.with.quite.a.long.name/of/some/tenant"),
        "{wide:#?}"
    );
    assert!(wide[1].contains("it broke for good"), "{wide:#?}");
    assert!(wide[1].contains(" ago "), "{wide:#?}");
}

#[test]
fn colours_are_for_terminals_and_for_who_wants_them() {
    let site = Site::empty_sqlite().migrated();
    site.seed(letters);
    let red = "\u{1b}[31mopen";
    assert!(on_terminal(&site, 150, "dead list", &[]).contains(red));
    for (line, variables) in [
        ("dead list --no-color", &[][..]),
        ("dead list", &[("NO_COLOR", "1")]),
        ("dead list", &[("TERM", "dumb")]),
        ("--no-color --help", &[]),
        ("--help", &[("NO_COLOR", "1")]),
    ] {
        let text = on_terminal(&site, 150, line, variables);
        assert!(!text.contains('\u{1b}'), "{line} {variables:?}: {text}");
    }
    assert!(!site.run("dead list").data().contains('\u{1b}'));
    assert!(on_terminal(&site, 150, "--help", &[]).contains('\u{1b}'));
}

#[test]
fn a_sheet_has_names_and_values() {
    let site = Site::empty_sqlite().migrated();
    site.seed(letters);
    let sheet = on_terminal(&site, 100, "dead show 1 --payload --no-color", &[]);
    let sheet = sheet
        .lines()
        .map(|line| {
            line.split_once("Z (").map_or(line.to_owned(), |_| {
                format!(
                    "{}  [time and how long ago]",
                    line.split("  ").next().unwrap()
                )
            })
        })
        .collect::<Vec<_>>()
        .join("\n");
    same("terminal-sheet", &sheet);
    let nothing = on_terminal(&site, 100, "dead list --queue nowhere", &[]);
    assert_eq!(nothing, "there is nothing\n");
    let json = on_terminal(&site, 100, "queue list --json", &[]);
    assert!(
        json.starts_with("{\n  \"version\": 1,\n  \"command\": \"queue list\",\n"),
        "{json}"
    );
}
