use super::state::{RememberedKey, State};
use crate::{
    Enqueued, Fence, JobId, JobState, JobView, KindName, LetterState, NewJob, Progress, Revision,
    Subject, Timestamp, admission,
};

impl State {
    pub(super) fn succeeded(
        &self,
        kind: &KindName,
        subject: &Subject,
    ) -> Option<(JobId, Revision)> {
        let last = self.subjects.get(&(kind.clone(), subject.clone()))?;
        Some((last.job, last.revision))
    }

    pub(super) fn enqueue(&mut self, now: Timestamp, jobs: &[NewJob]) -> Vec<Enqueued> {
        jobs.iter().map(|job| self.enqueue_one(now, job)).collect()
    }

    fn enqueue_one(&mut self, now: Timestamp, new: &NewJob) -> Enqueued {
        let key = new
            .idempotency
            .as_ref()
            .map(|i| (new.kind.clone(), i.key.clone()));
        if let Some(known) = key.as_ref().and_then(|key| self.keys.get(key))
            && self.remembers(now, known)
        {
            return Enqueued::Duplicate(known.job);
        }
        if let Some(wanted) = &new.subject {
            let succeeded = self.succeeded(&new.kind, &wanted.subject);
            if let Some(refused) = admission::judge(wanted, succeeded) {
                return refused;
            }
        }
        self.last_job += 1;
        let id = JobId::new(self.last_job);
        if let (Some(key), Some(idempotency)) = (key, &new.idempotency) {
            self.keys.insert(
                key,
                RememberedKey {
                    job: id,
                    until: now + idempotency.retention,
                },
            );
        }
        let job = view(now, id, new);
        self.admit(job);
        Enqueued::Created(id)
    }

    pub(super) fn remembers(&self, now: Timestamp, key: &RememberedKey) -> bool {
        let unfinished = || {
            self.live.contains_key(&key.job)
                || self.letters.get(&key.job).is_some_and(|letter| {
                    !matches!(
                        letter.letter.state,
                        LetterState::Resolved | LetterState::Discarded
                    )
                })
        };
        key.until > now || unfinished()
    }
}

fn view(now: Timestamp, id: JobId, new: &NewJob) -> JobView {
    JobView {
        id,
        state: JobState::Queued,
        queue: new.queue.clone(),
        kind: new.kind.clone(),
        priority: new.priority,
        payload: new.payload.clone(),
        fence: Fence::NEVER,
        progress: Progress::default(),
        max_attempts: new.max_attempts,
        created_at: now,
        run_at: new.run_at.resolve(now),
        waits_for_turn: false,
        held: None,
        cancel_requested: false,
        tenant: new.tenant.clone(),
        ordering_key: new.ordering_key.clone(),
        subject: new
            .subject
            .as_ref()
            .map(|s| (s.subject.clone(), s.revision)),
        headers: new.headers.clone(),
        report: None,
        failure: None,
        finished_at: None,
        result: None,
    }
}
