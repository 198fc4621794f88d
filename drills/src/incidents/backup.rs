//! A database with much in it is backed up, goes on, and is lost.

use std::fs;
use std::time::{Duration, Instant};

use fixtures::scripted_smtp::{ScriptedSmtp, SmtpScript};
use queue_core::{Enqueued, JobId, JobState, NotificationId, NotificationState};

use super::{figure, mail_channel, unknown};
use crate::drill::Incident;
use crate::scene::{SHOP, SWEEPER, Scene};

/// Before the backup: done, and to be done.
const DONE: u64 = 500;
const WAITING: u64 = 50;
const BEFORE: u64 = DONE + WAITING;
/// For next month, as many as there have to be in all.
const NEXT_MONTH: Duration = Duration::from_secs(30 * 86_400);
const FIRST_OF_NEXT_MONTH: u64 = 1_000_000;
/// Since.
const SINCE: u64 = 100;

/// How many jobs a backup has. `LEASEHOLD_SLOW=1`: the size that the page has figures of.
fn jobs() -> u64 {
    match std::env::var_os("LEASEHOLD_SLOW").is_some_and(|value| value == "1") {
        true => 100_000,
        false => 10_000,
    }
}

#[derive(Debug, Default)]
pub(super) struct Backup {
    relay: Option<ScriptedSmtp>,
    orders: Vec<JobId>,
    mails: Vec<NotificationId>,
    backing_up: Duration,
    putting_back: Duration,
    restoring: Option<Instant>,
    ready: Duration,
    lost_before: usize,
    lost_since: usize,
}

impl Incident for Backup {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "before" => self.before(scene),
            "loss" => self.loss(scene),
            "ready" => {
                scene.until_status("/readyz", 200);
                self.ready = self.restoring.unwrap().elapsed();
            }
            "all-charged" => self.check(scene),
            other => unknown(other),
        }
    }

    fn ran(&mut self, command: &str, took: Duration) {
        // On Postgres the first only says how.
        if command.starts_with("leasehold backup") || command.starts_with("pg_dump") {
            self.backing_up = took;
        }
        if command.starts_with("install") || command.starts_with("pg_restore --exit") {
            self.putting_back = took;
        }
    }

    fn measured(&self, scene: &Scene) -> Option<Vec<Vec<String>>> {
        let copy = fs::metadata(scene.path("backup")).unwrap().len();
        let row = |what: &str, figure: String| vec![what.to_owned(), figure];
        Some(vec![
            row("jobs in it", format!("{},000", jobs() / 1_000)),
            row("size of the copy", format!("{:.1} MB", copy as f64 / 1e6)),
            row("backing up", figure(self.backing_up)),
            row("putting it back", figure(self.putting_back)),
            row(
                "all of it, verified, to the daemon's being ready (RTO)",
                figure(self.ready),
            ),
            row(
                "orders lost of those taken before the backup",
                self.lost_before.to_string(),
            ),
            row(
                "orders lost of those taken since (RPO)",
                format!("{} of {SINCE}", self.lost_since),
            ),
        ])
    }
}

impl Backup {
    fn before(&mut self, scene: &Scene) {
        scene.value("BACKUP", &scene.path("backup").display().to_string());
        scene.value("FILE", &scene.path("jobs.db").display().to_string());
        scene.value("ADDRESS", "ada@example.org");
        let relay = scene.block_on(ScriptedSmtp::start(SmtpScript::default()));
        scene.configure(&mail_channel(relay.port(), ""));
        self.relay = Some(relay);
        scene.release("1", "works");
        scene.start_shop("1");
        self.orders = scene.take_orders(0, DONE);
        scene.until_idle();
        scene.manager.must("stop", SHOP);
        self.orders.extend(scene.take_orders(DONE, WAITING));
        scene.take_orders_for(NEXT_MONTH, FIRST_OF_NEXT_MONTH, jobs() - BEFORE);
        self.mails = scene.publish("email", &["ada@example.org", "bob@example.org"]);
    }

    /// What happens after the backup: a mail is sent, orders come, and then all is gone.
    fn loss(&mut self, scene: &Scene) {
        scene.start_sweeper();
        for &mail in &self.mails {
            scene.until_message(mail, NotificationState::Sent);
        }
        scene.take_orders(BEFORE, SINCE);
        scene.manager.must("start", SHOP);
        if scene.is_sqlite() {
            let file = scene.path("jobs.db");
            let mut bytes = fs::read(&file).unwrap();
            scene.manager.must("stop", SHOP);
            scene.manager.must("stop", SWEEPER);
            bytes.truncate(4096);
            fs::write(&file, bytes).unwrap();
        } else {
            scene.manager.must("stop", SHOP);
            scene.sql("TRUNCATE leasehold.job CASCADE");
        }
        self.restoring = Some(Instant::now());
    }

    fn check(&mut self, scene: &Scene) {
        // Who had them is kept from them, or has one more: neither is lost.
        scene.until_message(self.mails[0], NotificationState::Failed);
        scene.until_message(self.mails[1], NotificationState::Sent);
        assert_eq!(self.relay.as_ref().unwrap().held(), 3);
        // Whoever took orders hands all of them in again: what the backup knows is not taken twice, so that what is new
        // was lost.
        let lost = |all: &[Enqueued]| all.iter().filter(|one| one.created().is_some()).count();
        let next_month = scene.hand_in(NEXT_MONTH, FIRST_OF_NEXT_MONTH, jobs() - BEFORE);
        let before = scene.hand_in(Duration::ZERO, 0, BEFORE);
        self.lost_before = lost(&next_month) + lost(&before);
        assert_eq!(self.lost_before, 0);
        let since = scene.hand_in(Duration::ZERO, BEFORE, SINCE);
        self.lost_since = lost(&since);
        scene.until_idle();
        let since: Vec<JobId> = since.iter().map(|one| one.job()).collect();
        super::all_are(scene, &self.orders, JobState::Succeeded);
        super::all_are(scene, &since, JobState::Succeeded);
    }
}
