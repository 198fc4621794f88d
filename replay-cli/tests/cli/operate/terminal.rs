//! What people see: on a terminal, which `script` makes.

use fixtures::bed::{Bed, ada, delivery_lease, job_in, kind, message, retryable, secs};
use fixtures::postgres::PostgresCluster;
use queue_core::{Delivery, DeliveryPhase, Outcome, PublishBatch, Schedule, ScheduleName};

use super::Site;
use super::doctor;
use super::site::{DIFFERING, dead_in, same};
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

/// A line on a terminal so wide, which does what it is asked.
fn on_terminal(site: &Site, width: u32, line: &str, variables: &[(&str, &str)]) -> String {
    let ran = tried_on_terminal(site, width, line, variables);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.stdout
}

/// What comes of a line there. Prose is among the data, as people see it.
fn tried_on_terminal(site: &Site, width: u32, line: &str, variables: &[(&str, &str)]) -> Ran {
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
    let mut ran = Ran::of(&script.output().unwrap());
    ran.stdout = ran.stdout.replace("\r\n", "\n");
    ran
}

#[test]
fn tables_fit_the_terminal() {
    for site in Site::both() {
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
}

/// Also those with many columns.
#[test]
fn tables_of_jobs_and_messages_fit_a_narrow_one() {
    for site in Site::both() {
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
}

#[test]
fn colours_are_for_terminals_and_for_who_wants_them() {
    for site in Site::both() {
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
}

#[test]
fn a_sheet_has_names_and_values() {
    for site in Site::both() {
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
}

/// Every list and count, as a person sees it.
#[test]
fn lists_have_heads_and_times_as_they_are_ago() {
    for site in Site::both() {
        site.seed(letters);
        site.seed(async |bed: &Bed| {
            bed.put(job_in("mail")).await;
            let batch = PublishBatch::new(vec![message("ada@example.org")]).unwrap();
            bed.store.publish(batch).await.unwrap();
            let name = ScheduleName::new("weekly").unwrap();
            let weekly = Schedule::every(name, secs(7 * 24 * 3600), job_in("reports")).unwrap();
            bed.store.put_schedule(&weekly, &ada()).await.unwrap();
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
            "schedule list",
            "retention list --queue mail",
            "audit list",
        ] {
            let table = on_terminal(&site, 200, &format!("{line} --no-color"), &[]);
            text += &format!("$ leasehold {line}\n{table}\n");
        }
        // How long ago depends on how fast the test is, and how wide the column is on that.
        let differing = [
            (r"\bin \d+\w+( \d+\w+)?", "in [span]"),
            (r"\b(\d+m )?\d+(ms|s|m)( ago)?\b", "[span]"),
            (r"  +", "  "),
        ];
        insta::with_settings!({ filters => differing.to_vec(), prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!("terminal-lists", text);
        });
    }
}

/// Every sheet that there is besides, with its tables.
#[test]
fn sheets_have_names_values_and_tables() {
    for site in Site::both() {
        site.seed(letters);
        site.seed(async |bed: &Bed| {
            bed.put(job_in("ocr")).await;
            let claimed = bed.claim_from(&["ocr"], 1).await;
            let failure = retryable("NETWORK_TIMEOUT").retry_after(secs(100));
            bed.settle(&claimed[0], Outcome::Failed(failure)).await;
            let batch = PublishBatch::new(vec![message("ada@example.org")]).unwrap();
            bed.store.publish(batch).await.unwrap();
            let row = bed.lease_rows(1).await.remove(0);
            let lease = delivery_lease(bed, &row);
            assert!(bed.note_phase(&lease, DeliveryPhase::Committing).await);
            let failure = retryable("REPLY_LOST");
            bed.mark(&row, Delivery::InDoubt { failure }).await;
        });
        let mut text = String::new();
        for line in [
            "job show 3",
            "notification show 1",
            "replay plan --out plan.json --attach-evidence OPS-17 --reason OPS-17",
            "replay show plan.json",
            "dead resolve 2 --reason OPS-17",
            "replay apply plan.json --include-unsafe --reason OPS-17",
            "replay status",
            "replay status plan.json --outcome changed",
            "audit keygen --out audit.pem",
            "audit checkpoint --sign-key file:audit.pem --out head",
            "audit verify --public-key audit.pem.pub --checkpoint head",
            "audit verify --public-key audit.pem.pub",
        ] {
            let ran = tried_on_terminal(&site, 160, &format!("{line} --no-color"), &[]);
            text += &format!("$ leasehold {line}\n");
            for line in ran.stdout.lines() {
                // How far it is is written over, as often as there is time for.
                let last = line.rsplit('\r').next().unwrap();
                text += &format!("{last}\n");
            }
            if ran.code != 0 {
                text += &format!("exit {}\n", ran.code);
            }
            text.push('\n');
        }
        let mut differing = DIFFERING.to_vec();
        differing.extend([
            (
                r"\d{4}-\d\d-\d\dT\S+Z \([^)\n]*\)",
                "[time and how long ago]",
            ),
            (r"\b(\d+m )?\d+(ms|s|m)( ago)?\b", "[span]"),
            (r"database +-?\d{6,}", "database  [store]"),
            (r"[0-9a-f]{64}", "[hash]"),
            (r"key [0-9a-f]{16}", "key [key]"),
            (r"  +", "  "),
        ]);
        insta::with_settings!({ filters => differing, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!("terminal-sheets", text);
        });
    }
}

/// Remedies are never cut, however narrow the terminal is.
#[test]
fn findings_are_told_with_their_remedies() {
    let (mut site, _folder) = doctor::on_disk();
    let line = "doctor --no-color";
    let mut text = on_terminal(&site, 60, line, &[]);
    site.url += "?synchronous=normal";
    let ran = tried_on_terminal(&site, 60, line, &[]);
    assert_eq!(ran.code, 6, "{ran:?}");
    text += &format!("\n{}", ran.stdout);
    doctor::said("terminal-doctor-sqlite", &text);
    let red = tried_on_terminal(&site, 60, "doctor", &[]).stdout;
    assert!(red.contains("\u{1b}[33mwarning"), "{red}");

    let cluster = PostgresCluster::start_durable();
    let mut site = Site::empty_sqlite();
    site.url = cluster.create_database();
    let site = site.migrated();
    let set = "ALTER ROLE postgres SET synchronous_commit = off";
    cluster.sql("postgres", set).unwrap();
    let ran = tried_on_terminal(&site, 60, line, &[]);
    assert_eq!(ran.code, 6, "{ran:?}");
    // Newer servers have checksums where nobody asked for them.
    let lines = ran.stdout.lines().filter(|it| !it.contains("checksums"));
    let text: String = lines.map(|it| format!("{it}\n")).collect();
    doctor::said("terminal-doctor-postgres", &text);
}
