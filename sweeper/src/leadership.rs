//! The roles that one daemon of many is enough for.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use metrics::gauge;
use queue_core::{InvalidName, RoleName, Store, StoreError, WorkerName};
use serde::Serialize;

/// How long giving a role up may take: it ends by itself soon.
const RESIGN: Duration = Duration::from_secs(2);

/// What a leader does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Fires schedules.
    Schedules,
    /// Removes what is over, makes partitions.
    Upkeep,
}

impl Role {
    pub(crate) const ALL: [Self; 2] = [Self::Schedules, Self::Upkeep];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Schedules => "schedules",
            Self::Upkeep => "upkeep",
        }
    }
}

/// Who leads, as far as this process has heard.
#[derive(Debug)]
pub(crate) struct Leadership {
    own: WorkerName,
    heard: [Mutex<Option<Heard>>; Role::ALL.len()],
}

#[derive(Debug, Clone)]
struct Heard {
    name: RoleName,
    holder: WorkerName,
    /// By this process's clock, from before it asked.
    until: Instant,
}

/// As health shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Leader {
    pub(crate) role: &'static str,
    pub(crate) holder: Option<String>,
    pub(crate) is_this: bool,
}

impl Leadership {
    /// Of a daemon of this name, which other processes may have, too.
    pub(crate) fn of(name: Option<&WorkerName>) -> Result<Self, InvalidName> {
        let own = match name {
            None => WorkerName::of_this_process()?,
            Some(name) => {
                let number: u16 = rand::random();
                let short: String = name.as_str().chars().take(100).collect();
                WorkerName::new(format!("{short}.{}.{number:04x}", std::process::id()))?
            }
        };
        Ok(Self {
            own,
            heard: Default::default(),
        })
    }

    pub(crate) fn own(&self) -> &WorkerName {
        &self.own
    }

    fn heard(&self, role: Role) -> Option<Heard> {
        let slot = self.heard.get(role as usize)?;
        slot.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes or renews a role, or learns who has it.
    pub(crate) async fn bid(
        &self,
        store: &dyn Store,
        lease: Duration,
        role: Role,
    ) -> Result<(), StoreError> {
        let Ok(name) = RoleName::new(role.as_str()) else {
            return Ok(());
        };
        let asked = Instant::now();
        let led = store.lead(&name, &self.own, lease).await?;
        let leads = led.is_of(&self.own);
        let before = self.heard(role).map(|heard| heard.holder);
        if before.as_ref() != Some(&led.holder) {
            let role = role.as_str();
            if leads {
                tracing::info!(role, "this process leads");
            } else {
                tracing::info!(role, leader = %led.holder, "another process leads");
            }
        }
        gauge!("leasehold_leader", "role" => role.as_str()).set(f64::from(u8::from(leads)));
        if let Some(slot) = self.heard.get(role as usize) {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(Heard {
                name,
                holder: led.holder,
                until: asked + lease,
            });
        }
        Ok(())
    }

    /// Whether this process has the role now; none if nobody has asked within a lease.
    pub(crate) fn leads(&self, role: Role) -> Option<bool> {
        let heard = self.heard(role)?;
        (heard.until > Instant::now()).then(|| heard.holder == self.own)
    }

    /// Gives up what this process has, so that another need not wait.
    pub(crate) async fn resign(&self, store: &dyn Store) {
        for role in Role::ALL {
            let Some(heard) = self.heard(role).filter(|heard| heard.holder == self.own) else {
                continue;
            };
            let resigning = store.resign(&heard.name, &self.own);
            match tokio::time::timeout(RESIGN, resigning).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    tracing::warn!(role = role.as_str(), %error, "a role was not given up");
                }
                Err(_) => tracing::warn!(role = role.as_str(), "a role was not given up in time"),
            }
            gauge!("leasehold_leader", "role" => role.as_str()).set(0.0);
        }
    }

    pub(crate) fn shown(&self) -> Vec<Leader> {
        let shown = |role: Role| {
            let heard = self.heard(role);
            Leader {
                role: role.as_str(),
                is_this: self.leads(role).unwrap_or(false),
                holder: heard.map(|heard| heard.holder.as_str().to_owned()),
            }
        };
        Role::ALL.map(shown).into()
    }
}

#[cfg(test)]
mod tests {
    use queue_core::memory::MemoryStore;
    use queue_core::{Clock, ManualClock};

    use crate::settings::Settings;

    use super::*;

    fn daemon(name: &str) -> Leadership {
        Leadership::of(Some(&WorkerName::new(name).unwrap())).unwrap()
    }

    async fn bid(daemon: &Leadership, store: &MemoryStore, settings: &Settings) -> bool {
        let lease = settings.sweeper.leader_lease.get();
        daemon.bid(store, lease, Role::Upkeep).await.unwrap();
        daemon.heard(Role::Upkeep).unwrap().holder == daemon.own
    }

    /// Wherever in its own rhythm another comes, and however late in its lease the leader was lost.
    #[tokio::test]
    async fn a_lost_leader_is_replaced_within_four_thirds_of_its_lease() {
        let settings = Settings::default();
        let (lease, pulse) = (settings.sweeper.leader_lease.get(), settings.pulse_every());
        for phase in 0..10 {
            let clock = ManualClock::default();
            let store = MemoryStore::with_clock(Clock::Manual(clock.clone()));
            let (lost, other) = (daemon("lost"), daemon("other"));
            assert!(bid(&lost, &store, &settings).await);
            clock.advance(pulse * phase / 10);
            let mut vacant = pulse * phase / 10;
            while !bid(&other, &store, &settings).await {
                clock.advance(pulse);
                vacant += pulse;
                assert!(vacant < lease + pulse, "not replaced after {vacant:?}");
            }
            assert!(vacant >= lease, "replaced while it led, after {vacant:?}");
            assert!(
                !bid(&lost, &store, &settings).await,
                "it is back, and leads"
            );
        }
    }
}
