-- letters_one
SELECT d.id, d.letter_state, d.version, d.deaths, d.replays, d.died_at, d.reason, d.note,
  o.schema_version, o.content_type, o.payload
FROM leasehold_dead_letter d LEFT JOIN leasehold_original o ON o.job = d.id WHERE d.id = ?1

-- letters_page
-- For those who go over all of them: no index carries the filter.
SELECT d.id, d.letter_state, d.version, d.deaths, d.replays, d.died_at, d.reason, d.note,
  o.schema_version, o.content_type, o.payload
FROM leasehold_dead_letter d LEFT JOIN leasehold_original o ON o.job = d.id
WHERE d.id > ?1
  AND (?2 IS NULL OR d.letter_state = ?2) AND (?3 IS NULL OR d.queue = ?3)
  AND (?4 IS NULL OR d.kind = ?4) AND (?5 IS NULL OR d.error_class = ?5)
  AND (?6 IS NULL OR d.tenant = ?6) AND (?7 IS NULL OR d.died_at >= ?7)
  AND (?8 IS NULL OR d.died_at < ?8) AND (?10 IS NULL OR d.stage = ?10)
  AND (?11 IS NULL OR d.reason = ?11) AND (?12 IS NULL OR instr(lower(d.error_text), ?12) > 0)
  AND (?13 IS NULL OR d.id IN (SELECT value FROM json_each(?13)))
ORDER BY d.id LIMIT ?9

-- letters_job
-- The job of a letter that is nowhere any more: it ended after a replay, and its retention too.
SELECT x.id, CASE WHEN x.letter_state = 3 THEN 4 ELSE 5 END, 0, b.queue, b.kind, b.priority, b.schema_version, b.content_type,
  b.payload, x.fence, p.stage, x.attempt, p.ledger, b.max_attempts, b.created_at, x.run_at,
  NULL, NULL, b.tenant, b.ordering_key, b.subject, b.revision, b.headers,
  p.error_class, p.error_text, p.first_failure_at, p.last_failure_at,
  x.changed_at, NULL, NULL, NULL
FROM leasehold_dead_letter x JOIN leasehold_body b ON b.id = x.id
LEFT JOIN leasehold_progress p ON p.job = x.id
WHERE x.id = ?1

-- letters_evidence
SELECT actor, at, reference, note FROM leasehold_evidence WHERE job = ?1 ORDER BY death, id

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
SET letter_state = ?2, version = version + 1, changed_at = ?3, note = ?4
WHERE id = ?1

-- letters_payload
SELECT schema_version, content_type, payload FROM leasehold_body WHERE id = ?1

-- letters_keep_original
INSERT INTO leasehold_original (job, schema_version, content_type, payload)
SELECT id, schema_version, content_type, payload FROM leasehold_body WHERE id = ?1
ON CONFLICT DO NOTHING

-- letters_amend
UPDATE leasehold_body SET schema_version = ?2, content_type = ?3, payload = ?4 WHERE id = ?1

-- letters_replaying
UPDATE leasehold_dead_letter
SET letter_state = 1, holds_job = 0, replays = replays + 1, version = version + 1, changed_at = ?2
WHERE id = ?1

-- letters_turn
SELECT queue, ordering_key, priority, subject IS NOT NULL,
  EXISTS (SELECT 1 FROM leasehold_stage WHERE job = ?1), stage, 0, ledger
FROM leasehold_body LEFT JOIN leasehold_progress ON job = id WHERE id = ?1

-- letters_requeue
INSERT INTO leasehold_job (id, state, flags, priority, run_at, fence, attempt, tenanted, queue, kind,
  tenant)
SELECT d.id, ?2, ?3, b.priority, ?4, d.fence, ?5, b.tenant IS NOT NULL, b.queue, b.kind, b.tenant
FROM leasehold_dead_letter d JOIN leasehold_body b ON b.id = d.id WHERE d.id = ?1
