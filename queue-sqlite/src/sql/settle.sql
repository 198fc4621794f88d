-- settle_plain
-- The short way: a job without flags, under a current lease. Not INSERT … SELECT: that keeps a
-- statement journal, since it might insert many rows and fail at the second.
SELECT run_at, attempt FROM leasehold_job
WHERE id = ?1 AND fence = ?2 AND state = 1 AND flags = 0 AND lease_expires_at > ?3

-- settle_archive
INSERT INTO leasehold_history (id, state, finished_at, run_at, fence, attempt, result_version,
  result_type, result)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)

-- settle_remove
DELETE FROM leasehold_job WHERE id = ?1

-- settle_look
SELECT j.fence, j.state, j.flags, j.lease_expires_at, j.run_at, j.attempt, b.queue, b.kind,
  b.ordering_key, b.subject, b.revision
FROM leasehold_job j JOIN leasehold_body b ON b.id = j.id WHERE j.id = ?1

-- settle_requeue
UPDATE leasehold_job
SET state = 0, flags = ?4, lease_expires_at = NULL, claimed_by = NULL, run_at = ?2, attempt = ?3
WHERE id = ?1

-- settle_attempt
UPDATE leasehold_job SET attempt = ?2, flags = ?3 WHERE id = ?1

-- settle_await
UPDATE leasehold_job SET state = 3, lease_expires_at = NULL, claimed_by = NULL WHERE id = ?1

-- settle_result
INSERT INTO leasehold_result (job, schema_version, content_type, result) VALUES (?1, ?2, ?3, ?4)

-- settle_result_load
SELECT schema_version, content_type, result FROM leasehold_result WHERE job = ?1

-- settle_result_drop
DELETE FROM leasehold_result WHERE job = ?1

-- settle_require
INSERT INTO leasehold_requirement (job, notification) VALUES (?1, ?2) ON CONFLICT DO NOTHING

-- settle_release_requirements
DELETE FROM leasehold_requirement WHERE job = ?1

-- settle_drop_stages
DELETE FROM leasehold_stage WHERE job = ?1

-- settle_subject
INSERT INTO leasehold_subject (kind, subject, job, revision, succeeded_at)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (kind, subject) DO UPDATE
SET job = excluded.job, revision = excluded.revision, succeeded_at = excluded.succeeded_at
WHERE excluded.revision >= leasehold_subject.revision

-- settle_close_letter
-- The replayed job came to its end: its letter is resolved or discarded.
UPDATE leasehold_dead_letter SET letter_state = ?2, version = version + 1, changed_at = ?3,
  note = ?4
WHERE id = ?1 AND letter_state = 1

-- settle_letter
SELECT letter_state, error_class FROM leasehold_dead_letter WHERE id = ?1

-- settle_bury
INSERT INTO leasehold_dead_letter (id, letter_state, holds_job, version, deaths, replays, died_at,
  changed_at, run_at, fence, attempt, error_class, reason, error_text, stage, queue, kind, tenant)
SELECT id, ?2, 1, 1, 1, 0, ?3, ?3, run_at, fence, attempt, ?4, ?5, ?6, ?7, queue, kind, tenant
FROM leasehold_job WHERE id = ?1
ON CONFLICT (id) DO UPDATE SET letter_state = excluded.letter_state, holds_job = 1,
  version = version + 1, deaths = deaths + 1, died_at = excluded.died_at,
  changed_at = excluded.changed_at, run_at = excluded.run_at, fence = excluded.fence,
  attempt = excluded.attempt, error_class = excluded.error_class, reason = excluded.reason,
  error_text = excluded.error_text, stage = excluded.stage
