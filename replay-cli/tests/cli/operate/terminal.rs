//! What people see: on a terminal, which `script` makes.

use fixtures::bed::{Bed, job_in, kind, message, retryable, secs};
use queue_core::{Outcome, PublishBatch};

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

/// Also those with many columns.
#[test]
fn tables_of_jobs_and_messages_fit_a_narrow_one() {
    let site = Site::empty_sqlite().migrated();
    site.seed(async |bed: &Bed| {
        let mut wide = job_in("a.queue.with.quite.a.long.name");
        wide.kind = kind("send_a_reminder_of_an_invoice");
        bed.put(wide).await;
        let claimed = bed.claim_from(&["a.queue.with.quite.a.long.name"], 1).await;
        let failure = retryable("NETWORK_TIMEOUT").retry_after(secs(100));
        bed.settle(&claimed[0], Outcome::Failed(failure)).await;
        let batch = PublishBatch::new(vec![message("ada.lovelace@example.org")]).unwrap();
        bed.store.publish(batch).await.unwrap();
    });
    for (line, head) in [
        ("job list", "job  state "),
        ("notification list", "id  state "),
    ] {
        for width in [60, 80, 120] {
            let text = on_terminal(&site, width, &format!("{line} --no-color"), &[]);
            assert!(text.starts_with(head), "{text}");
            let width = width as usize;
            assert!(text.lines().all(|it| it.chars().count() <= width), "{text}");
        }
    }
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

/// Every list and count, as a person sees it.
#[test]
fn lists_have_heads_and_times_as_they_are_ago() {
    let site = Site::empty_sqlite().migrated();
    site.seed(letters);
    site.seed(async |bed: &Bed| {
        bed.put(job_in("mail")).await;
        let batch = PublishBatch::new(vec![message("ada@example.org")]).unwrap();
        bed.store.publish(batch).await.unwrap();
    });
    for line in [
        "channel pause email --reason OPS-17",
        "suppression add email bob@example.org --class ASKED_FOR_IT --reason OPS-17",
        "retention set history 7d --queue mail --reason OPS-17",
    ] {
        site.run(line).data();
    }
    let mut text = String::new();
    for line in [
        "migrate status",
        "stats",
        "queue list",
        "queue limits mail",
        "job list",
        "job cancel --all --reason OPS-17",
        "dead list",
        "dead groups",
        "notification list",
        "suppression list",
        "channel list",
        "retention list --queue mail",
        "audit list",
    ] {
        let table = on_terminal(&site, 200, &format!("{line} --no-color"), &[]);
        text += &format!("$ leasehold {line}\n{table}\n");
    }
    // How long ago depends on how fast the test is, and how wide the column is on that.
    let differing = [
        (r"\b(\d+m )?\d+(ms|s|m)( ago)?\b", "[span]"),
        (r"  +", "  "),
    ];
    insta::with_settings!({ filters => differing.to_vec(), prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("terminal-lists", text);
    });
}
