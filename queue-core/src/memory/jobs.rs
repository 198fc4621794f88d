use super::state::{State, rows_after};
use crate::{
    Act, AuditEntry, Hastened, JOB_WALK, JobFilter, JobId, JobPage, JobState, Page, Timestamp,
};

impl State {
    pub(super) fn jobs(&self, filter: &JobFilter, page: Page) -> JobPage {
        let walk = || rows_after(&self.live, page.cursor().map(JobId::new)).take(JOB_WALK as usize);
        let wanted = walk().filter(|job| filter.matches(job));
        let jobs = wanted.take(page.limit() as usize).cloned().collect();
        let walked = u32::try_from(walk().count()).unwrap_or(JOB_WALK);
        JobPage::of(jobs, page, walk().last().map(|job| job.id), walked)
    }

    pub(super) fn hasten(&mut self, now: Timestamp, id: JobId, act: &Act) -> Hastened {
        let Some(state) = self.job(id).map(|job| job.state) else {
            return Hastened::NotFound;
        };
        let queued = |job: &&mut crate::JobView| job.state == JobState::Queued;
        let Some(job) = self.live.get_mut(&id).filter(queued) else {
            return Hastened::Refused { state };
        };
        if job.run_at <= now {
            return Hastened::Due { changed: false };
        }
        job.run_at = now;
        // It lines up anew: in loose mode it may overtake one whose time comes later.
        if let Some(job) = self.live.remove(&id) {
            self.admit(job);
        }
        self.record(now, AuditEntry::hasten(act, id));
        Hastened::Due { changed: true }
    }
}
