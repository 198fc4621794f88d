use std::time::Duration;

use super::state::State;
use crate::{Led, RoleName, Timestamp, WorkerName};

impl State {
    pub(super) fn lead(
        &mut self,
        now: Timestamp,
        role: &RoleName,
        holder: &WorkerName,
        lease: Duration,
    ) -> Led {
        let before = self.leaders.get(role);
        if let Some(led) = before.filter(|led| led.until > now && !led.is_of(holder)) {
            return led.clone();
        }
        // Its own that ran out goes on, as long as nobody came between.
        let own = before.filter(|led| led.is_of(holder));
        let since = own.map_or(now, |led| led.since);
        let led = Led {
            holder: holder.clone(),
            since,
            until: now + lease,
        };
        self.leaders.insert(role.clone(), led.clone());
        led
    }

    pub(super) fn resign(&mut self, role: &RoleName, holder: &WorkerName) -> bool {
        let own = self.leaders.get(role).is_some_and(|led| led.is_of(holder));
        own && self.leaders.remove(role).is_some()
    }
}
