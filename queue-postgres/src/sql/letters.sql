-- letters_page
-- $1 to $7 and $10 to $13 filter: state, queue, kind, class, tenant, since, until, stage, reason, text, jobs;
-- NULL wants all. For those who go over all of them: no index carries the filter.
SELECT id, letter_state, version, deaths, replays, died_at, holds_job, reason, note,
    (SELECT schema_version FROM leasehold.original_payload WHERE job = id),
    (SELECT content_type FROM leasehold.original_payload WHERE job = id),
    (SELECT payload FROM leasehold.original_payload WHERE job = id)
FROM leasehold.dead_letter
WHERE id > $8 AND ($1::smallint IS NULL OR letter_state = $1) AND ($2::text IS NULL OR queue = $2)
    AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR error_class = $4)
    AND ($5::text IS NULL OR tenant = $5) AND ($6::timestamptz IS NULL OR died_at >= $6)
    AND ($7::timestamptz IS NULL OR died_at < $7) AND ($10::text IS NULL OR coalesce(stage, 'run') = $10)
    AND ($11::text IS NULL OR reason = $11) AND ($12::text IS NULL OR position($12 IN lower(error_text)) > 0)
    AND ($13::bigint[] IS NULL OR id = ANY ($13))
ORDER BY id LIMIT $9

-- letters_one
SELECT id, letter_state, version, deaths, replays, died_at, holds_job, reason, note,
    (SELECT schema_version FROM leasehold.original_payload WHERE job = id),
    (SELECT content_type FROM leasehold.original_payload WHERE job = id),
    (SELECT payload FROM leasehold.original_payload WHERE job = id)
FROM leasehold.dead_letter WHERE id = $1

-- letters_evidence
SELECT job, actor, at, reference, note FROM leasehold.evidence WHERE job = ANY ($1) ORDER BY job, number

-- letters_lock
SELECT id, letter_state, version, stage, attempt, ledger, queue, ordering_key, EXISTS (
    SELECT FROM leasehold.evidence WHERE job = dead_letter.id AND death = dead_letter.deaths)
FROM leasehold.dead_letter WHERE id = ANY ($1) ORDER BY id FOR UPDATE

-- letters_keys
SELECT DISTINCT queue, ordering_key FROM leasehold.dead_letter
WHERE id = ANY ($1) AND ordering_key IS NOT NULL

-- letters_attach
INSERT INTO leasehold.evidence (job, number, death, at, actor, reference, note)
SELECT id, (SELECT count(*) + 1 FROM leasehold.evidence WHERE job = letter.id), deaths, $2, $3, $4, $5
FROM leasehold.dead_letter AS letter WHERE id = ANY ($1)

-- letters_touch
UPDATE leasehold.dead_letter SET version = version + 1, changed_at = $2, note = NULL WHERE id = ANY ($1)

-- letters_change
UPDATE leasehold.dead_letter
SET letter_state = $2, version = version + 1, changed_at = $3, note = $4
WHERE id = $1 RETURNING version

-- letters_payload
SELECT schema_version, content_type, payload FROM leasehold.dead_letter WHERE id = $1

-- letters_keep_original
INSERT INTO leasehold.original_payload (job, schema_version, content_type, payload)
SELECT id, schema_version, content_type, payload FROM leasehold.dead_letter WHERE id = $1
ON CONFLICT DO NOTHING

-- letters_amend
UPDATE leasehold.dead_letter SET schema_version = $2, content_type = $3, payload = $4 WHERE id = $1

-- letters_replay
UPDATE leasehold.dead_letter SET letter_state = 1, version = version + 1, changed_at = $2,
    replays = replays + 1, holds_job = false
WHERE id = ANY ($1)

-- letters_revive
-- The letters keep a copy of what their jobs died with; the fences go on where they were. The ids are
-- sorted, so that width_bucket finds each one's place.
INSERT INTO leasehold.job (id, fence, run_at, created_at, revision, first_failure_at,
    last_failure_at, schema_version, attempt, max_attempts, state, priority, flags, queue, kind,
    content_type, stage, ledger, tenant, ordering_key, subject, headers, error_class, error_text, payload)
SELECT id, fence, $2, created_at, revision, first_failure_at, last_failure_at, schema_version,
    ($3::integer[])[width_bucket(id, $1::bigint[])], max_attempts,
    ($4::smallint[])[width_bucket(id, $1::bigint[])], priority,
    16 | CASE WHEN ordering_key IS NULL THEN 0 ELSE 2 END | CASE WHEN subject IS NULL THEN 0 ELSE 4 END
        | CASE WHEN (SELECT true FROM leasehold.stage_output WHERE job = letter.id LIMIT 1) THEN 8 ELSE 0 END,
    queue, kind, content_type, ($5::text[])[width_bucket(id, $1::bigint[])],
    ($6::text[])[width_bucket(id, $1::bigint[])], tenant, ordering_key, subject, headers,
    error_class, error_text, payload
FROM leasehold.dead_letter AS letter WHERE id = ANY ($1)
