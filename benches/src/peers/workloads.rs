//! The cases: who competes with whom, and what of ours is to come of it.

use std::time::Duration;

use peer_protocol::Synchronous;

use super::catalogue::{Peer, Setting, peers};
use super::program::{Programs, name};
use super::turn::{Turn, Work};
use crate::case::{Best, Case};
use crate::target::Target;
use crate::venue::Engine;

/// How much there is to do.
#[derive(Debug, Clone, Copy)]
struct Size {
    enqueue_seconds: f64,
    bulk: u64,
    drain: u64,
    /// Whoever has not drained the queue by then is told by what is done.
    drain_limit: Duration,
    pickups: u64,
    pickup_seconds: f64,
    deep: u64,
}

/// So many of a deep queue are of interest.
const FIRST: u64 = 20_000;

impl Size {
    fn new(quick: bool) -> Self {
        match quick {
            true => Self {
                enqueue_seconds: 1.0,
                bulk: 10_000,
                drain: 50_000,
                drain_limit: Duration::from_secs(5),
                pickups: 100,
                pickup_seconds: 5.0,
                deep: 100_000,
            },
            false => Self {
                enqueue_seconds: 5.0,
                bulk: 50_000,
                drain: 100_000,
                drain_limit: Duration::from_secs(20),
                pickups: 500,
                pickup_seconds: 30.0,
                deep: 1_000_000,
            },
        }
    }
}

/// All cases of one database.
pub(crate) fn cases(engine: Engine, quick: bool, programs: &Programs) -> Vec<Case> {
    let size = Size::new(quick);
    let field = |synchronous| Field {
        engine,
        synchronous,
        programs,
        size,
    };
    match engine {
        Engine::Postgres => field(None).cases(&[1, 4, 24]),
        Engine::Sqlite => {
            let mut cases = field(Some(Synchronous::Full)).cases(&[1, 8, 64]);
            cases.extend(field(Some(Synchronous::Normal)).cases(&[1, 4, 64]));
            cases
        }
    }
}

/// Those that give the same promise.
#[derive(Debug)]
struct Field<'p> {
    engine: Engine,
    synchronous: Option<Synchronous>,
    programs: &'p Programs,
    size: Size,
}

impl Field<'_> {
    fn cases(&self, producers: &[u64]) -> Vec<Case> {
        let Size {
            enqueue_seconds: seconds,
            bulk,
            drain,
            drain_limit,
            pickups,
            pickup_seconds,
            deep,
        } = self.size;
        let mut cases: Vec<Case> = producers
            .iter()
            .map(|&producers| {
                let work = Work::Enqueue {
                    producers,
                    jobs: 1_000_000 * producers,
                    seconds,
                };
                let plural = if producers == 1 { "" } else { "s" };
                let title = format!("{producers} producer{plural}");
                self.case("W1", &title, work, self.enqueue_target(producers))
            })
            .collect();
        let title = format!("{} jobs", thousands(bulk));
        cases.push(self.case("W2", &title, Work::Bulk { jobs: bulk }, self.bulk_target()));
        for processes in [1, 2] {
            let work = Work::Drain {
                queued: drain,
                wanted: u64::MAX,
                processes,
                limit: drain_limit,
            };
            let plural = if processes == 1 { "" } else { "es" };
            let title = format!("{} jobs, {processes} process{plural}", thousands(drain));
            cases.push(self.case("W3", &title, work, self.drain_target(processes)));
        }
        let work = Work::Pickup {
            jobs: pickups,
            seconds: pickup_seconds,
        };
        let below_all = Target {
            p99_times: Some(1.0),
            ..Target::default()
        };
        cases.push(self.case("W4", "one job at a time", work, Some(below_all)));
        let work = Work::Drain {
            queued: deep,
            wanted: FIRST,
            processes: 1,
            limit: drain_limit,
        };
        let title = format!("the first {} of {}", thousands(FIRST), thousands(deep));
        cases.push(self.case("W5", &title, work, None));
        cases
    }

    fn enqueue_target(&self, producers: u64) -> Option<Target> {
        let ratio = match (self.synchronous, producers) {
            (None, 1) => 1.0,
            (None, 24) => 2.0,
            (Some(Synchronous::Normal), 4) => 1.5,
            _ => return None,
        };
        Some(Target::ratio(ratio))
    }

    fn bulk_target(&self) -> Option<Target> {
        let ratio = if self.engine == Engine::Postgres {
            1.5
        } else {
            1.0
        };
        Some(Target::ratio(ratio))
    }

    fn drain_target(&self, processes: usize) -> Option<Target> {
        match (self.engine, processes) {
            (Engine::Postgres, _) => Some(Target::ratio(1.3)),
            (Engine::Sqlite, 1) => Some(Target::ratio(1.4)),
            (Engine::Sqlite, _) => None,
        }
    }

    fn case(
        &self,
        workload: &'static str,
        title: &str,
        work: Work,
        target: Option<Target>,
    ) -> Case {
        let by = match work {
            Work::Pickup { .. } => Best::P99,
            _ => Best::Rate,
        };
        let title = match self.synchronous {
            None => title.to_owned(),
            Some(Synchronous::Full) => format!("{title}, synchronous=FULL"),
            Some(Synchronous::Normal) => format!("{title}, synchronous=NORMAL"),
        };
        let mut case = Case::new(self.engine, workload, title, "").against_the_best(by);
        for peer in peers(self.engine) {
            let Some(program) = self.programs.of(peer) else {
                continue;
            };
            let settings: Vec<Setting> = self.settings(peer, work);
            for setting in &settings {
                let turn = Turn {
                    peer,
                    setting: *setting,
                    program: program.clone(),
                    work,
                };
                let name = name(peer, &program.version, setting, settings.len() == 1);
                case = match peer.is_ours() {
                    true => case.with(name, target, turn),
                    false => case.with_rival(name, turn),
                };
            }
        }
        case
    }

    /// The settings of a peer that have a place in a case.
    fn settings(&self, peer: &Peer, work: Work) -> Vec<Setting> {
        let has_place = |setting: &&Setting| {
            setting.synchronous == self.synchronous
                && match work {
                    Work::Enqueue { .. } | Work::Bulk { .. } => setting.enqueues,
                    Work::Drain { processes, .. } => processes == 1 || peer.shares,
                    Work::Pickup { .. } => true,
                }
        };
        peer.settings.iter().filter(has_place).copied().collect()
    }
}

fn thousands(jobs: u64) -> String {
    match jobs % 1_000 {
        0 => format!("{} k", jobs / 1_000),
        _ => jobs.to_string(),
    }
}
