-- settle_plain
-- The short way: success of a job without flags, under a current lease.
INSERT INTO leasehold_history (id, state, finished_at, priority, run_at, created_at, fence, attempt,
  max_attempts, queue, kind, tenant, ordering_key, subject, revision, stage, ledger, headers,
  error_class, error_text, first_failure_at, last_failure_at, schema_version, content_type, payload,
  result_version, result_type, result)
SELECT id, 4, ?3, priority, run_at, created_at, fence, attempt,
  max_attempts, queue, kind, tenant, ordering_key, subject, revision, stage, ledger, headers,
  error_class, error_text, first_failure_at, last_failure_at, schema_version, content_type, payload,
  ?4, ?5, ?6
FROM leasehold_job
WHERE id = ?1 AND fence = ?2 AND state = 1 AND flags = 0 AND lease_expires_at > ?3

-- settle_archive
INSERT INTO leasehold_history (id, state, finished_at, priority, run_at, created_at, fence, attempt,
  max_attempts, queue, kind, tenant, ordering_key, subject, revision, stage, ledger, headers,
  error_class, error_text, first_failure_at, last_failure_at, schema_version, content_type, payload,
  result_version, result_type, result)
SELECT id, ?2, ?3, priority, run_at, created_at, fence, attempt,
  max_attempts, queue, kind, tenant, ordering_key, subject, revision, stage, ledger, headers,
  error_class, error_text, first_failure_at, last_failure_at, schema_version, content_type, payload,
  ?4, ?5, ?6
FROM leasehold_job WHERE id = ?1

-- settle_remove
DELETE FROM leasehold_job WHERE id = ?1

-- settle_look
SELECT fence, state, flags, lease_expires_at, queue, kind, ordering_key, subject, revision,
  result_version, result_type, result
FROM leasehold_job WHERE id = ?1

-- settle_requeue
UPDATE leasehold_job
SET state = 0, lease_expires_at = NULL, claimed_by = NULL, run_at = ?2, stage = ?3, attempt = ?4,
  ledger = ?5
WHERE id = ?1

-- settle_failure
UPDATE leasehold_job
SET error_class = ?2, error_text = ?3, last_failure_at = ?4,
  first_failure_at = coalesce(first_failure_at, ?4)
WHERE id = ?1

-- settle_progress
UPDATE leasehold_job SET stage = ?2, attempt = ?3, ledger = ?4 WHERE id = ?1

-- settle_await
UPDATE leasehold_job
SET state = 3, lease_expires_at = NULL, claimed_by = NULL, result_version = ?2, result_type = ?3,
  result = ?4
WHERE id = ?1

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
UPDATE leasehold_dead_letter SET letter_state = ?2, version = version + 1, changed_at = ?3
WHERE id = ?1 AND letter_state = 1

-- settle_letter
SELECT letter_state, error_class FROM leasehold_dead_letter WHERE id = ?1

-- settle_bury
INSERT INTO leasehold_dead_letter (id, letter_state, holds_job, version, deaths, replays, died_at,
  changed_at, priority, run_at, created_at, fence, attempt, max_attempts, queue, kind, tenant,
  ordering_key, subject, revision, stage, ledger, headers, error_class, error_text,
  first_failure_at, last_failure_at, schema_version, content_type, payload)
SELECT id, ?2, 1, 1, 1, 0, ?3,
  ?3, priority, run_at, created_at, fence, attempt, max_attempts, queue, kind, tenant,
  ordering_key, subject, revision, stage, ledger, headers, error_class, error_text,
  first_failure_at, last_failure_at, schema_version, content_type, payload
FROM leasehold_job WHERE id = ?1
ON CONFLICT (id) DO UPDATE SET letter_state = excluded.letter_state, holds_job = 1,
  version = version + 1, deaths = deaths + 1, died_at = excluded.died_at,
  changed_at = excluded.changed_at, run_at = excluded.run_at, fence = excluded.fence,
  attempt = excluded.attempt, stage = excluded.stage, ledger = excluded.ledger,
  error_class = excluded.error_class, error_text = excluded.error_text,
  first_failure_at = excluded.first_failure_at, last_failure_at = excluded.last_failure_at
