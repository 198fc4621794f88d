//! Schedules of several cadences, and whether each of their ticks was fired once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fixtures::bed::{ada, kind, queue};
use queue_core::{
    Cadence, MissedTicks, NewJob, Page, Payload, SCHEDULED_FOR, Schedule, ScheduleName, Store,
    Timestamp,
};

use crate::harness::PATIENCE;

/// Seconds.
const CADENCES: [u64; 4] = [1, 2, 3, 7];

/// When each ticks for the first time.
pub(super) struct Firsts(BTreeMap<String, Timestamp>);

pub(super) async fn schedule(store: &dyn Store) -> Firsts {
    let mut firsts = BTreeMap::new();
    for every in CADENCES {
        let name = format!("every-{every}s");
        let job = NewJob::new(queue("ticks"), kind(&name), Payload::json(&every).unwrap());
        let schedule = ScheduleName::new(&name).unwrap();
        let schedule = Schedule::every(schedule, Duration::from_secs(every), job).unwrap();
        let schedule = schedule.missed(MissedTicks::All);
        let put = store.put_schedule(&schedule, &ada()).await.unwrap();
        firsts.insert(name, put.next_tick.unwrap());
    }
    Firsts(firsts)
}

impl Firsts {
    /// All that were due until now have one job each, and there is no other.
    pub(super) async fn check(&self, store: &dyn Store) -> Result<String, String> {
        let now = store.now().await.unwrap();
        let until = Instant::now() + PATIENCE;
        let mut schedules = store.schedules().await.unwrap();
        while schedules.iter().any(|it| it.next_tick <= Some(now)) {
            if Instant::now() > until {
                return Err(format!("schedules do not go on: {schedules:?}"));
            }
            tokio::task::yield_now().await;
            schedules = store.schedules().await.unwrap();
        }
        for schedule in &schedules {
            let name = schedule.schedule.name();
            store.pause_schedule(name, true, &ada()).await.unwrap();
        }
        let fired = fired(store).await;
        let mut all = 0;
        for schedule in store.schedules().await.unwrap() {
            let name = schedule.schedule.name().to_string();
            let Cadence::Every(every) = schedule.schedule.cadence() else {
                return Err(format!("{name} has another cadence"));
            };
            let mut wanted = Vec::new();
            let mut tick = self.0[&name];
            while Some(tick) <= schedule.last_tick {
                wanted.push(tick.to_string());
                tick = tick + every.get();
            }
            let found = fired.get(&name).cloned().unwrap_or_default();
            if found != wanted {
                return Err(format!("{name}: {found:?} were fired, not {wanted:?}"));
            }
            all += found.len();
        }
        Ok(format!("{all} ticks fired once"))
    }
}

/// The ticks for which there are jobs, as often as there are, by the schedule.
async fn fired(store: &dyn Store) -> BTreeMap<String, Vec<String>> {
    let mut fired: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut page = Page::first(1000).unwrap();
    loop {
        let jobs = store.live(page).await.unwrap();
        let Some(last) = jobs.last() else { break };
        page = page.after(last.id.get());
        for job in jobs.iter().filter(|job| job.queue == queue("ticks")) {
            let tick = job.headers.get(SCHEDULED_FOR).unwrap().to_owned();
            fired.entry(job.kind.to_string()).or_default().push(tick);
        }
    }
    fired.values_mut().for_each(|ticks| ticks.sort());
    fired
}
