//! Who meets a row that another transaction has locked: who waits, and with nothing else in hand.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::future::Future;
use std::time::Duration;

use fixtures::bed::{
    decided, first_page, job, kind, message, order, permanent, queue, secs, worker,
};
use fixtures::postgres::PostgresCluster;
use queue_core::{
    Burial, ClaimRequest, Claimed, Clock, Completion, DeliveryRequest, EnqueueBatch, Escalations,
    JobId, JobState, JobStore, Lease, LookRequest, ManualClock, NewJob, NotificationId,
    OutboxStore, Outcome, ProgressReport, PublishBatch, RenewBatch, Renewed, Rule, SettleBatch,
    Settled, Settlement, Signal, Transition, sweep,
};
use queue_postgres::{PostgresOptions, PostgresStore};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

const PATIENCE: Duration = Duration::from_secs(30);

/// A store, and connections beside it.
struct Scene {
    store: PostgresStore,
    clock: ManualClock,
    url: String,
}

impl Scene {
    async fn new() -> Self {
        let url = PostgresCluster::shared().create_database();
        let clock = ManualClock::default();
        let store = PostgresOptions::new(&url)
            .unwrap()
            .migrate_on_connect(true)
            .clock(Clock::Manual(clock.clone()))
            .connect()
            .await
            .unwrap();
        Self { store, clock, url }
    }

    /// Enqueues these and claims them, in the order of their numbers.
    async fn running(&self, jobs: Vec<NewJob>) -> Vec<Claimed> {
        self.store
            .enqueue(EnqueueBatch::new(jobs).unwrap())
            .await
            .unwrap();
        self.claimed().await
    }

    async fn claimed(&self) -> Vec<Claimed> {
        let request = ClaimRequest::new(worker("w"), vec![queue("q")], 100).unwrap();
        let mut claimed = self.store.claim(request).await.unwrap();
        claimed.sort_by_key(Claimed::id);
        claimed
    }

    /// Somebody who holds the row of a job until he ends his transaction, and refuses to wait.
    async fn holder(&self, job: JobId) -> PgConnection {
        let mut holder = PgConnection::connect(&self.url).await.unwrap();
        holder.execute("BEGIN; SET lock_timeout = 1").await.unwrap();
        take(&mut holder, job).await;
        holder
    }

    /// Notifications in doubt, in the order of their numbers.
    async fn doubted(&self, count: usize) -> Vec<NotificationId> {
        let new = (0..count).map(|at| message(&format!("{at}@x"))).collect();
        let batch = PublishBatch::new(new).unwrap();
        self.store.publish(batch).await.unwrap();
        let request = DeliveryRequest::new(worker("d"), 100, secs(60)).unwrap();
        self.store.lease_notifications(request).await.unwrap();
        self.clock.advance(secs(60));
        self.store.doubt_expired(100).await.unwrap()
    }

    /// Somebody who holds the row of a notification.
    async fn holder_of(&self, row: NotificationId) -> PgConnection {
        let mut holder = PgConnection::connect(&self.url).await.unwrap();
        let lock = format!(
            "BEGIN; SELECT FROM leasehold.notification WHERE id = {} FOR UPDATE",
            row.get()
        );
        holder.execute(AssertSqlSafe(lock)).await.unwrap();
        holder
    }

    async fn state(&self, job: JobId) -> JobState {
        self.store.job(job).await.unwrap().unwrap().state
    }

    /// Until somebody waits for a lock.
    async fn somebody_waits(&self) {
        let mut watcher = PgConnection::connect(&self.url).await.unwrap();
        let waiting = "SELECT EXISTS (SELECT FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock')";
        until(async || watcher.fetch_one(waiting).await.unwrap().get(0)).await;
    }
}

async fn take(holder: &mut PgConnection, job: JobId) {
    let lock = format!(
        "SELECT FROM leasehold.job WHERE id = {} FOR UPDATE",
        job.get()
    );
    let row = holder.fetch_optional(AssertSqlSafe(lock)).await.unwrap();
    assert!(row.is_some(), "job {job} is gone");
}

async fn until(mut it_is: impl AsyncFnMut() -> bool) {
    let asking = async { while !it_is().await {} };
    tokio::time::timeout(PATIENCE, asking).await.unwrap();
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap()
}

fn renewal(
    leases: impl Iterator<Item = Lease>,
    reports: Vec<(JobId, ProgressReport)>,
) -> RenewBatch {
    let batch = RenewBatch::new(leases.collect(), secs(60)).unwrap();
    batch.with_reports(reports).unwrap()
}

fn settlements(claimed: &[Claimed], outcome: impl Fn() -> Outcome) -> Vec<Settlement> {
    let settlement = |one: &Claimed| Settlement {
        lease: one.lease,
        transition: decided(one, outcome()),
    };
    claimed.iter().map(settlement).collect()
}

/// One of three leases cannot be renewed yet: the others are, and nobody waits for them meanwhile.
#[tokio::test]
async fn a_renewal_waits_for_a_locked_row_with_nothing_in_hand() {
    for reporting in [false, true] {
        let scene = Scene::new().await;
        let claimed = scene.running(vec![job(), job(), job()]).await;
        let [first, second, third] = [0, 1, 2].map(|n: usize| claimed[n].id());
        let mut holder = scene.holder(second).await;
        let said = ProgressReport::new(Some(40), Some("page 2".to_owned())).unwrap();
        let reports = match reporting {
            true => vec![(first, said.clone()), (second, said.clone())],
            false => Vec::new(),
        };
        let batch = renewal(claimed.iter().map(|one| one.lease), reports);
        let store = scene.store.clone();
        let renewing = tokio::spawn(async move { store.renew(batch).await });
        let held_until = async |id| {
            let view = scene.store.job(id).await.unwrap().unwrap();
            view.held.unwrap().1
        };
        let extended = scene.clock.now() + secs(60);
        until(async || held_until(first).await == extended && held_until(third).await == extended)
            .await;
        scene.somebody_waits().await;
        assert!(held_until(second).await < extended && !renewing.is_finished());
        // Whoever has the row gets the others: before, the server had to end the circle.
        take(&mut holder, first).await;
        take(&mut holder, third).await;
        holder.execute("COMMIT").await.unwrap();
        let renewed = soon(renewing).await.unwrap().unwrap();
        let wanted = Renewed::Extended {
            expires_at: extended,
            cancel_requested: false,
        };
        assert_eq!(renewed, [wanted; 3]);
        for (id, reports) in [(first, reporting), (second, reporting), (third, false)] {
            let view = scene.store.job(id).await.unwrap().unwrap();
            assert_eq!(view.held.unwrap().1, extended);
            assert_eq!(view.report, reports.then(|| said.clone()));
        }
    }
}

/// What becomes of the row while a renewal waits for it counts.
#[tokio::test]
async fn a_renewal_sees_what_the_holder_of_the_row_did() {
    let scene = Scene::new().await;
    let claimed = scene.running(vec![job(), job(), job()]).await;
    let [lost, asked] = [0, 1].map(|n: usize| claimed[n].id());
    let mut holder = scene.holder(lost).await;
    take(&mut holder, asked).await;
    let store = scene.store.clone();
    let batch = renewal(claimed.iter().map(|one| one.lease), Vec::new());
    let renewing = tokio::spawn(async move { store.renew(batch).await });
    scene.somebody_waits().await;
    let change = format!(
        "DELETE FROM leasehold.job WHERE id = {}; UPDATE leasehold.job SET flags = flags | 1 WHERE id = {};
         COMMIT",
        lost.get(),
        asked.get()
    );
    holder.execute(AssertSqlSafe(change)).await.unwrap();
    let extended = |cancel_requested| Renewed::Extended {
        expires_at: scene.clock.now() + secs(60),
        cancel_requested,
    };
    let renewed = soon(renewing).await.unwrap().unwrap();
    assert_eq!(
        renewed,
        [Renewed::LeaseLost, extended(true), extended(false)]
    );
}

/// Jobs that go back by sets and jobs that are looked at one by one.
#[tokio::test]
async fn a_sweep_passes_by_a_locked_row() {
    let plain = || vec![job(), job()];
    let turned = || {
        let ordered = |key| job().ordered_by(order(key));
        vec![ordered("a"), ordered("b")]
    };
    let buried = || vec![job().max_attempts(1), job().max_attempts(1)];
    for jobs in [plain(), turned(), buried()] {
        let scene = Scene::new().await;
        let claimed = scene.running(jobs).await;
        let dies = claimed[0].max_attempts == 1;
        let left = if dies {
            JobState::Dead
        } else {
            JobState::Queued
        };
        scene.clock.advance(secs(3600));
        let mut holder = scene.holder(claimed[0].id()).await;
        let swept = soon(sweep(&scene.store, first_page())).await.unwrap();
        assert_eq!((swept.found, swept.overtaken), (2, 1), "{swept:?}");
        assert_eq!(scene.state(claimed[0].id()).await, JobState::Running);
        assert_eq!(scene.state(claimed[1].id()).await, left);
        holder.execute("COMMIT").await.unwrap();
        let swept = sweep(&scene.store, first_page()).await.unwrap();
        assert_eq!((swept.found, swept.overtaken), (1, 0), "{swept:?}");
        assert_eq!(scene.state(claimed[0].id()).await, left);
    }
}

/// Whoever has a turn may be waiting for what a sweep puts back beside the jobs of that turn.
#[tokio::test]
async fn a_sweep_waits_for_a_turn_with_nothing_in_hand() {
    let scene = Scene::new().await;
    let ordered = || job().ordered_by(order("a"));
    let claimed = scene.running(vec![job(), ordered()]).await;
    scene.clock.advance(secs(3600));
    let mut holder = PgConnection::connect(&scene.url).await.unwrap();
    let mut transaction = holder.begin().await.unwrap();
    let next = EnqueueBatch::one(ordered());
    scene
        .store
        .enqueue_in(&mut transaction, &next)
        .await
        .unwrap();
    let store = scene.store.clone();
    let sweeping = tokio::spawn(async move { sweep(&store, first_page()).await });
    scene.somebody_waits().await;
    let [plain, turned] = [0, 1].map(|n: usize| claimed[n].id());
    assert_eq!(scene.state(plain).await, JobState::Queued);
    take(&mut transaction, plain).await;
    assert_eq!(scene.state(turned).await, JobState::Running);
    transaction.commit().await.unwrap();
    let swept = soon(sweeping).await.unwrap().unwrap();
    assert_eq!((swept.requeued, swept.overtaken), (2, 0), "{swept:?}");
}

/// The holder of a lease waits, and is not told that he lost it.
#[tokio::test]
async fn whoever_holds_a_lease_settles_it_when_its_row_is_free() {
    let outcomes: [fn() -> Outcome; 2] = [
        || Outcome::Done(Completion::default()),
        || Outcome::Released,
    ];
    for outcome in outcomes {
        let scene = Scene::new().await;
        let claimed = scene.running(vec![job(), job(), job()]).await;
        let mut holder = scene.holder(claimed[1].id()).await;
        let store = scene.store.clone();
        let batch = SettleBatch::new(settlements(&claimed, outcome)).unwrap();
        let settling = tokio::spawn(async move { store.settle(batch).await });
        scene.somebody_waits().await;
        holder.execute("COMMIT").await.unwrap();
        let settled = soon(settling).await.unwrap().unwrap();
        assert!(
            settled.iter().all(|one| matches!(one, Settled::Applied(_))),
            "{settled:?}"
        );
    }
}

/// Who was stopped for long and comes back is in nobody's way: the row is another's now.
#[tokio::test]
async fn whoever_lost_a_lease_does_not_wait_for_the_row() {
    let scene = Scene::new().await;
    let before = scene
        .running(vec![job(), job().ordered_by(order("a"))])
        .await;
    scene.clock.advance(secs(3600));
    sweep(&scene.store, first_page()).await.unwrap();
    let now = scene.claimed().await;
    assert_eq!(now.len(), 2);
    let mut holder = scene.holder(now[0].id()).await;
    take(&mut holder, now[1].id()).await;
    let late = settlements(&before, || Outcome::Done(Completion::default()));
    let late = SettleBatch::new(late).unwrap();
    let settled = soon(scene.store.settle(late)).await.unwrap();
    assert_eq!(settled, [Settled::LeaseLost, Settled::LeaseLost]);
    let late = renewal(before.iter().map(|one| one.lease), Vec::new());
    let renewed = soon(scene.store.renew(late)).await.unwrap();
    assert_eq!(renewed, [Renewed::LeaseLost; 2]);
}

/// Who asks and who is asked about are in nobody's way: a row that another has locked is left to others.
#[tokio::test]
async fn a_look_passes_by_a_locked_row() {
    let scene = Scene::new().await;
    let rows = scene.doubted(3).await;
    let mut holder = scene.holder_of(rows[0]).await;
    let email = vec![message("0@x").intent.channel];
    let request = LookRequest::new(email, 2, secs(60)).unwrap();
    let looked = soon(scene.store.look(request.clone())).await.unwrap();
    let seen: Vec<_> = looked.iter().map(|row| row.id).collect();
    assert_eq!(seen, rows[1..]);
    holder.execute("COMMIT").await.unwrap();
    let looked = scene.store.look(request).await.unwrap();
    assert_eq!(
        looked.iter().map(|row| row.id).collect::<Vec<_>>(),
        rows[..1]
    );
}

/// Whoever raises waits for who raised the same before, with jobs in hand that nobody behind asks for.
#[tokio::test]
async fn burials_under_one_incident_take_turns() {
    let scene = Scene::new().await;
    let claimed = scene.running(vec![job(), job()]).await;
    let mut rule = Rule::new("r");
    rule.within = secs(60);
    let rules = Escalations::new(vec![rule.to("pager", "on-call").unwrap()]).unwrap();
    let bury = |one: &Claimed| {
        let failure = permanent("BROKEN");
        let signal = Signal::job_died(queue("q"), kind("k"), failure.class.clone());
        let burial = Burial {
            progress: one.progress.clone(),
            notifications: Vec::new(),
            raises: rules.raises(&signal),
            raises_again: Vec::new(),
            failure,
        };
        SettleBatch::one(one.lease, Transition::Bury(burial)).unwrap()
    };
    let mut first = PgConnection::connect(&scene.url).await.unwrap();
    let mut transaction = first.begin().await.unwrap();
    let batch = bury(&claimed[0]);
    let settled = scene.store.settle_in(&mut transaction, &batch);
    settled.await.unwrap();
    let (store, batch) = (scene.store.clone(), bury(&claimed[1]));
    let second = tokio::spawn(async move { store.settle(batch).await });
    scene.somebody_waits().await;
    transaction.commit().await.unwrap();
    let settled = soon(second).await.unwrap().unwrap();
    assert_eq!(settled[0].state(), Some(JobState::Dead));
    let open = scene.store.open_incidents(None, 10).await.unwrap();
    let first = open[0].as_ref().unwrap();
    assert_eq!((open.len(), first.version, first.episode), (1, 2, 1));
}
