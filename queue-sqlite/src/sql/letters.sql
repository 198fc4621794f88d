-- letters_one
SELECT id, letter_state, version, deaths, replays, died_at FROM leasehold_dead_letter WHERE id = ?1

-- letters_page
SELECT id, letter_state, version, deaths, replays, died_at FROM leasehold_dead_letter
WHERE id > ?1
  AND (?2 IS NULL OR letter_state = ?2)
  AND (?3 IS NULL OR queue = ?3)
  AND (?4 IS NULL OR kind = ?4)
  AND (?5 IS NULL OR error_class = ?5)
  AND (?6 IS NULL OR tenant = ?6)
  AND (?7 IS NULL OR died_at >= ?7)
  AND (?8 IS NULL OR died_at < ?8)
ORDER BY id LIMIT ?9

-- letters_job
-- The job as it was when it died last, also while a replay has taken it away.
SELECT id, CASE WHEN holds_job THEN 6 WHEN letter_state = 3 THEN 4 ELSE 5 END, 0,
  queue, kind, priority, schema_version, content_type, payload, fence,
  stage, attempt, ledger, max_attempts, created_at, run_at, NULL, NULL,
  tenant, ordering_key, subject, revision, headers,
  error_class, error_text, first_failure_at, last_failure_at,
  CASE WHEN holds_job THEN died_at ELSE changed_at END, NULL, NULL, NULL
FROM leasehold_dead_letter WHERE id = ?1

-- letters_evidence
SELECT actor, at, reference, note FROM leasehold_evidence WHERE job = ?1 ORDER BY id

-- letters_attach
INSERT INTO leasehold_evidence (job, death, at, actor, reference, note)
SELECT id, deaths, ?2, ?3, ?4, ?5 FROM leasehold_dead_letter WHERE id = ?1

-- letters_has_evidence
-- Attached since the last death.
SELECT 1 FROM leasehold_dead_letter l
WHERE l.id = ?1 AND EXISTS (
  SELECT 1 FROM leasehold_evidence e WHERE e.job = l.id AND e.death = l.deaths)

-- letters_set
UPDATE leasehold_dead_letter
SET letter_state = ?2, version = version + 1, changed_at = ?3
WHERE id = ?1

-- letters_replaying
UPDATE leasehold_dead_letter
SET letter_state = 1, holds_job = 0, replays = replays + 1, version = version + 1, changed_at = ?2
WHERE id = ?1

-- letters_turn
SELECT queue, ordering_key, subject IS NOT NULL,
  EXISTS (SELECT 1 FROM leasehold_stage WHERE job = ?1), stage, attempt, ledger
FROM leasehold_dead_letter WHERE id = ?1

-- letters_requeue
INSERT INTO leasehold_job (id, state, flags, run_at, stage, attempt, ledger,
  priority, created_at, fence, max_attempts, queue, kind, tenant,
  ordering_key, subject, revision, headers, error_class, error_text,
  first_failure_at, last_failure_at, schema_version, content_type, payload)
SELECT id, ?2, ?3, ?4, ?5, ?6, ?7,
  priority, created_at, fence, max_attempts, queue, kind, tenant,
  ordering_key, subject, revision, headers, error_class, error_text,
  first_failure_at, last_failure_at, schema_version, content_type, payload
FROM leasehold_dead_letter WHERE id = ?1
