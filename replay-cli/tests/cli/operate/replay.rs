//! Plans made, read, refused and applied.

use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::Arc;
use std::thread;

use fixtures::bed::{Bed, job_in, key};
use fixtures::postgres::PostgresCluster;
use queue_core::{JobState, LetterFilter, LetterPage, LetterState, Outcome, Payload, Store};
use queue_ops::Database;

use super::Site;
use super::site::same;
use crate::Ran;

const OPS: &str = "--reason OPS-17";

/// Four letters: two of a class with keys, one of it without, one of another class.
async fn four(bed: &Bed) {
    for (queue, class, order) in [
        ("mail", "TIMEOUT", Some("order-1")),
        ("mail", "TIMEOUT", Some("order-2")),
        ("mail", "TIMEOUT", None),
        ("ocr", "BROKEN", Some("order-3")),
    ] {
        let job = match order {
            Some(order) => job_in(queue).idempotent(key(order)),
            None => job_in(queue),
        };
        let id = bed.put(job).await;
        let claimed = bed.claim_from(&[queue], 1).await.remove(0);
        assert_eq!(claimed.id(), id);
        let failure = fixtures::bed::permanent(class);
        bed.settle(&claimed, Outcome::Failed(failure)).await;
    }
}

async fn work_off(bed: &Bed) {
    for claimed in bed.claim_from(&["mail", "ocr"], 1_000).await {
        bed.succeed(&claimed).await;
    }
}

fn plan(site: &Site, filter: &str) {
    let line = format!("replay plan {filter} --out plan.json --attach-evidence OPS-17 {OPS}");
    assert_eq!(site.run(&line).code, 0);
}

pub(super) fn without_digests(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let digests = words.filter(|word| word.len() == 64);
    digests.fold(text.to_owned(), |text, digest| {
        text.replace(digest, "[digest]")
    })
}

#[test]
fn a_plan_is_made_read_and_applied() {
    for site in Site::both() {
        site.seed(four);
        let mut text = site.transcript(&[
            "replay plan --error-class TIMEOUT --out plan.json",
            "replay plan --error-class TIMEOUT --out plan.json --attach-evidence OPS-17",
            "replay plan --error-class TIMEOUT --out plan.json --attach-evidence OPS-17 --reason OPS-17",
            "replay plan --error-class TIMEOUT --out plan.json",
            "replay plan --error-class TIMEOUT --known-kinds charge --out plan.json --force --json",
            "replay plan --error-class TIMEOUT --out plan.json --force",
            "replay show plan.json",
            "replay status plan.json",
            // Somebody settles one of them meanwhile.
            "dead resolve 2 --reason OPS-17",
            "replay apply plan.json --reason OPS-17",
            "replay apply plan.json --reason OPS-17",
            "replay status",
        ]);
        site.seed(work_off);
        text += &site.transcript(&[
            "replay status plan.json --outcome replay_succeeded --outcome changed",
            "replay status 1 --json",
            "dead list",
        ]);
        same("replay", &without_digests(&text));
    }
}

/// What a program reads of it, with a letter that somebody else has settled.
#[test]
fn a_plan_and_what_came_of_it_are_told_as_json() {
    for site in Site::both() {
        site.seed(four);
        plan(&site, "");
        let text = site.transcript(&[
            "replay show plan.json --json",
            "dead resolve 2 --reason OPS-17",
            "replay apply plan.json --reason OPS-17 --json",
            "replay apply plan.json --reason OPS-17 --json",
            "replay status plan.json --json",
        ]);
        same("replay-json", &without_digests(&text));
    }
}

#[test]
fn what_is_no_plan_for_this_database_is_refused() {
    for (site, other) in Site::both().into_iter().zip(Site::both()) {
        site.seed(four);
        plan(&site, "");
        let path = site.desk.0.path();
        let text = std::fs::read_to_string(path.join("plan.json")).unwrap();
        site.desk
            .file("edited.json", text.replace("\"job\":1,", "\"job\":9,"));
        site.desk.file("longer.json", format!("{text} "));
        site.desk.file(
            "newer.json",
            text.replace("\"version\":1,\"database\"", "\"version\":2,\"database\""),
        );
        site.desk.file("other.json", "{}");
        std::fs::copy(
            path.join("plan.json"),
            other.desk.0.path().join("plan.json"),
        )
        .unwrap();
        let mut said = site.transcript(&[
            "replay show nowhere.json",
            "replay show edited.json",
            "replay apply edited.json --reason OPS-17",
            "replay apply longer.json --reason OPS-17",
            "replay apply newer.json --reason OPS-17",
            "replay apply other.json --reason OPS-17",
            "replay status other.json",
            "replay status 17",
            "replay apply plan.json",
            "replay apply plan.json --reason OPS-17 --rate fast",
            "replay apply plan.json --reason OPS-17 --stop-at-failure-rate lots",
            "replay plan --error-class NEVER --out another.json",
            "replay plan --contract charge --out another.json",
            "replay plan --state resolved --out another.json",
        ]);
        said += &other.transcript(&["replay apply plan.json --reason OPS-17", "replay status"]);
        same("replay-refused", &said);
        // Nothing was begun by all of that.
        assert_eq!(site.run("replay status").data(), "");
    }
}

/// Jobs that die again stop the run; going on is a decision.
#[test]
fn too_many_failures_stop_a_run() {
    for site in Site::both() {
        site.seed(async |bed| {
            bed.put_plain(30).await;
            for claimed in bed.claim(30).await {
                let failure = fixtures::bed::permanent("BROKEN");
                bed.settle(&claimed, Outcome::Failed(failure)).await;
            }
        });
        plan(&site, "");
        let line = format!("replay apply plan.json {OPS} --canary 12 --include-unsafe");
        let child = site.command(&line).spawn().unwrap();
        let ran = thread::scope(|scope| {
            let ran = scope.spawn(|| Ran::of(&child.wait_with_output().unwrap()));
            // Nothing but the first twelve is there to be claimed, until all of them have ended.
            site.block_on(work(&site.url, 12, "BROKEN"));
            ran.join().unwrap()
        });
        assert_eq!(ran.code, 5, "{ran:?}");
        assert!(ran.stdout.contains("\nstate\tstopped\n"), "{ran:?}");
        assert!(ran.stdout.contains("\nletters\t30\n"), "{ran:?}");
        assert!(
            ran.stderr.contains("died again; `leasehold replay status"),
            "{ran:?}"
        );
        let ran = site.run(&format!("replay apply plan.json {OPS} --include-unsafe"));
        assert!(ran.error(4).contains("--over-stop"), "{ran:?}");
        // What has failed until now does not count any more. The canary would be waited for again.
        let line = format!("replay apply plan.json {OPS} --include-unsafe --over-stop");
        let ran = site.run(&format!("{line} --canary 0"));
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stdout.contains("\nstate\tfinished\n"), "{ran:?}");
        assert!(ran.stdout.contains("\nreplayed\t30\n"), "{ran:?}");
        // That it is done comes before what would be unsafe about it.
        let ran = site.run(&format!("replay apply plan.json {OPS}"));
        assert!(ran.error(4).contains("was applied by run 1"), "{ran:?}");
    }
}

/// Claims so many as they come, and lets them die of this.
async fn work(url: &str, count: usize, class: &str) {
    let opened = Database::parse(url).unwrap().open().await.unwrap();
    let bed = Bed {
        store: Arc::clone(&opened.store),
        clock: queue_core::ManualClock::default(),
        reopen: Box::new(|| unreachable!("nobody opens it once more")),
        transactions: None,
        keep: Box::new(()),
    };
    let mut done = 0;
    while done < count {
        for claimed in bed.claim(100).await {
            let failure = fixtures::bed::permanent(class);
            bed.settle(&claimed, Outcome::Failed(failure)).await;
            done += 1;
        }
        tokio::task::yield_now().await;
    }
}

fn tell(child: &Child, signal: &str) {
    let mut kill = std::process::Command::new("kill");
    let killed = kill.arg(signal).arg(child.id().to_string()).status();
    assert!(killed.unwrap().success());
}

async fn seen(store: &dyn Store) -> u32 {
    let runs = store
        .runs(queue_core::Page::first(10).unwrap())
        .await
        .unwrap();
    runs.first().map_or(0, |run| run.counts.seen())
}

/// Begins a slow run of 40, until one of them was replayed.
fn half_way(site: &Site) -> Child {
    site.seed(async |bed| {
        bed.put_plain(40).await;
        for claimed in bed.claim(40).await {
            bed.settle(
                &claimed,
                Outcome::Failed(fixtures::bed::permanent("BROKEN")),
            )
            .await;
        }
    });
    plan(site, "");
    // At this pace it would take hours.
    let line = format!("replay apply plan.json {OPS} --include-unsafe --rate 3/h --lease 3s");
    let mut child = site.command(&line).spawn().unwrap();
    until_seen(site, &mut child, 1);
    child
}

/// Waits until the run, which this process applies, has seen so many letters.
fn until_seen(site: &Site, child: &mut Child, letters: u32) {
    site.block_on(async {
        let opened = Database::parse(&site.url).unwrap().open().await.unwrap();
        while seen(&*opened.store).await < letters {
            assert_eq!(child.try_wait().unwrap(), None);
            tokio::task::yield_now().await;
        }
    });
}

/// Tells such a run this, after another process has tried to get it.
fn in_the_middle(site: &Site, signal: &str) -> Ran {
    let mut child = half_way(site);
    let second = site.run(&format!("replay apply plan.json {OPS} --include-unsafe"));
    let said = second.error(4);
    assert!(said.contains("run 1 is held by "), "{said}");
    assert!(said.contains("or give --when-free"), "{said}");
    tell(&child, signal);
    if signal == "-KILL" {
        child.wait().unwrap();
        return Ran {
            code: 137,
            stdout: String::new(),
            stderr: String::new(),
        };
    }
    Ran::of(&child.wait_with_output().unwrap())
}

/// Whatever ended the first process, the second one does the rest, and no letter twice.
fn goes_on(site: &Site, seen: u32) {
    let line = format!("replay apply plan.json {OPS} --include-unsafe --when-free --rate 9999/s");
    let ran = site.run(&line);
    assert_eq!(ran.code, 0, "{ran:?}");
    let wanted = format!("run 1 goes on, 9999/s: {seen} of 40 seen: {seen} not ended\n");
    assert!(ran.stderr.contains(&wanted), "{ran:?}");
    assert!(ran.stdout.contains("\nsettings\t9999/s\n"), "{ran:?}");
    assert!(ran.stdout.contains("\nreplayed\t40\n"), "{ran:?}");
    site.seed(async |bed| {
        let filter = LetterFilter::default();
        let letters = bed.store.letters(&filter, LetterPage::first(100).unwrap());
        let letters = letters.await.unwrap().letters;
        assert_eq!(letters.len(), 40);
        for letter in &letters {
            assert_eq!((letter.state, letter.replays), (LetterState::Replaying, 1));
            assert_eq!(bed.state(letter.job).await, JobState::Queued);
        }
    });
}

#[test]
fn an_interrupted_run_is_gone_on_with() {
    for site in Site::both() {
        let ran = in_the_middle(&site, "-INT");
        assert_eq!(ran.code, 130, "{ran:?}");
        assert!(ran.stdout.contains("\nreplayed\t1\n"), "{ran:?}");
        let wanted = "interrupted: 1 of 40 seen: 1 not ended; `leasehold replay apply plan.json --reason …` goes on";
        assert!(ran.stderr.contains(wanted), "{ran:?}");
        goes_on(&site, 1);
    }
}

#[test]
fn a_killed_run_is_gone_on_with_when_its_lease_ends() {
    for site in Site::both() {
        in_the_middle(&site, "-KILL");
        goes_on(&site, 1);
    }
}

/// Whoever goes on in a hurry does not drop what the run was to be held by.
#[test]
fn a_run_goes_on_at_the_pace_that_it_was_begun_with() {
    let site = Site::empty_sqlite().migrated();
    in_the_middle(&site, "-INT");
    let line = format!("replay apply plan.json {OPS} --include-unsafe");
    let mut child = site.command(&line).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.as_mut().unwrap());
    let mut first = String::new();
    said.read_line(&mut first).unwrap();
    assert_eq!(first, "run 1 goes on, 3/h: 1 of 40 seen: 1 not ended\n");
    // Each of them begins its pace with one.
    until_seen(&site, &mut child, 2);
    tell(&child, "-INT");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    let list = site.run("replay status 1").data();
    assert!(list.contains("settings\t3/h\n"), "{list}");
    goes_on(&site, 2);
}

#[test]
fn a_run_outlives_its_database() {
    // One that keeps what it has acknowledged.
    let cluster = PostgresCluster::start_durable();
    let mut site = Site::empty_postgres();
    site.url = cluster.create_database();
    let site = site.migrated();
    let child = half_way(&site);
    cluster.stop_immediate();
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str()), (69, ""), "{ran:?}");
    let wanted = "`leasehold replay status plan.json` shows whether it was made";
    assert!(ran.stderr.contains(wanted), "{ran:?}");
    cluster.restart();
    goes_on(&site, 1);
}

#[test]
fn a_closed_pipe_does_not_end_a_run() {
    let site = Site::empty_sqlite().migrated();
    site.seed(four);
    plan(&site, "");
    let mut child = site
        .command(&format!("replay apply plan.json {OPS}"))
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let list = site.run("replay status").data();
    assert!(list.starts_with("1\tfinished\t3\t3\t"), "{list}");
}

/// Those of a kind whose payloads do not keep the contract that holds today are unsafe, one by one.
#[test]
fn a_contract_says_which_payloads_are_not_valid_any_more() {
    for site in Site::both() {
        site.seed(async |bed| {
            for (order, payload) in [("a", r#"{"order": 1}"#), ("b", r#"{"order": "one"}"#)] {
                let mut job = job_in("q").idempotent(key(order));
                job.payload = Payload::new(payload, queue_core::JSON).unwrap();
                bed.dead(job, "BROKEN").await;
            }
        });
        let field = r#"{"name": "order", "required": true, "shape": {"type": "integer"}}"#;
        let contract =
            format!(r#"{{"name": "charge", "root": {{"type": "object", "fields": [{field}]}}}}"#);
        site.desk.file("charge.json", contract);
        let made = site.run(&format!(
            "replay plan --contract k=charge.json --attach-evidence OPS-17 {OPS} --out plan.json"
        ));
        assert_eq!(made.code, 0, "{made:?}");
        let shown = site.run("replay show plan.json").data();
        assert!(shown.contains("payload_invalid"), "{shown}");
        let ran = site.run(&format!("replay apply plan.json {OPS}"));
        assert_eq!(ran.code, 0, "{ran:?}");
        let list = site.run("dead list").data();
        let mut states: Vec<_> = list
            .lines()
            .map(|line| line.split('\t').take(2).collect::<Vec<_>>())
            .collect();
        states.sort_unstable();
        assert_eq!(states, [vec!["1", "replaying"], vec!["2", "open"]]);
    }
}

/// Where nobody watches a terminal, what takes long still says how far it is, and how it ended.
#[test]
fn a_long_replay_says_how_far_it_is() {
    const LETTERS: u32 = 1_200;
    for site in Site::both() {
        site.seed(async |bed| {
            for some in 0..3 {
                let jobs = (0..400).map(|n| job_in("q").idempotent(key(&format!("{some}-{n}"))));
                bed.offer_all(jobs.collect()).await;
                for claimed in bed.claim_from(&["q"], 400).await {
                    let failure = fixtures::bed::permanent("BROKEN");
                    bed.settle(&claimed, Outcome::Failed(failure)).await;
                }
            }
        });
        let line = format!("replay plan --attach-evidence OPS-17 {OPS} --out plan.json");
        let made = site.run(&line);
        let first = format!("evidence is attached to 500 of {LETTERS} letters\n");
        assert!(made.stderr.starts_with(&first), "{made:?}");
        let ran = site.run(&format!("replay apply plan.json {OPS}"));
        let first = format!("0 of {LETTERS} seen\n");
        assert!(ran.stderr.contains(&first), "{ran:?}");
        let wanted = format!("\nreplayed\t{LETTERS}\n");
        assert!(ran.stdout.contains(&wanted), "{ran:?}");
    }
}
