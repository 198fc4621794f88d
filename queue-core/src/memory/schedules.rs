use super::state::State;
use crate::{Act, AuditEntry, Fired, Firing, Schedule, ScheduleName, ScheduleView, Timestamp};

impl State {
    pub(super) fn put_schedule(
        &mut self,
        now: Timestamp,
        schedule: &Schedule,
        act: &Act,
    ) -> ScheduleView {
        let after = match self.schedules.get(schedule.name()) {
            None => ScheduleView::created(schedule, now),
            Some(before) => match before.changed_to(schedule, now) {
                None => return before.clone(),
                Some(after) => after,
            },
        };
        self.record(now, AuditEntry::put_schedule(act, &after.schedule));
        self.schedules
            .insert(schedule.name().clone(), after.clone());
        after
    }

    pub(super) fn pause_schedule(
        &mut self,
        now: Timestamp,
        name: &ScheduleName,
        paused: bool,
        act: &Act,
    ) -> Option<ScheduleView> {
        let stored = self.schedules.get_mut(name)?;
        let changed = stored.with_pause(paused, now);
        let changes = changed.is_some();
        if let Some(after) = changed {
            *stored = after;
        }
        let view = stored.clone();
        if changes {
            self.record(now, AuditEntry::pause_schedule(act, name, paused));
        }
        Some(view)
    }

    pub(super) fn remove_schedule(
        &mut self,
        now: Timestamp,
        name: &ScheduleName,
        act: &Act,
    ) -> bool {
        let removed = self.schedules.remove(name).is_some();
        if removed {
            self.record(now, AuditEntry::remove_schedule(act, name));
        }
        removed
    }

    pub(super) fn fire(&mut self, now: Timestamp, firing: &Firing) -> Fired {
        let stored = self.schedules.get_mut(firing.schedule().name());
        let Some(stored) = stored.filter(|stored| firing.applies_to(stored)) else {
            return Fired::Overtaken;
        };
        stored.next_tick = firing.next_tick();
        stored.last_tick = firing.last_tick();
        Fired::Applied(self.enqueue(now, &firing.jobs()))
    }
}
