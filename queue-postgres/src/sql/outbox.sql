-- outbox_ids
SELECT nextval('leasehold.notification_id') FROM generate_series(1, $1)

-- outbox_publish
-- In one order, so that two who publish the same intents wait for each other only one way round.
INSERT INTO leasehold.notification (id, job, revision, run_at, created_at, schema_version, channel,
    purpose, subject, recipient, content_type, message)
SELECT new.id, new.job, new.revision, new.run_at, $1, new.schema_version, new.channel, new.purpose,
    new.subject, new.recipient, new.content_type, new.message
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::bigint[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[]) WITH ORDINALITY
    AS new (id, job, revision, run_at, schema_version, channel, purpose, subject, recipient,
        content_type, message, n)
ORDER BY new.n
ON CONFLICT ON CONSTRAINT notification_intent DO NOTHING
RETURNING id

-- outbox_known
SELECT known.id, wanted.n
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) WITH ORDINALITY
    AS wanted (channel, purpose, subject, recipient, revision, n)
JOIN leasehold.notification AS known USING (subject, recipient, channel, purpose, revision)

-- outbox_outstanding
-- Locked: whoever marks one of them waits, and then finds the job that is linked to it.
SELECT id FROM leasehold.notification WHERE id = ANY ($1) AND state < 4 ORDER BY id FOR SHARE

-- outbox_lease
UPDATE leasehold.notification SET state = 1, fence = fence + 1, attempt = attempt + 1, phase = 0,
    claimed_by = $2, lease_expires_at = coalesce($1, statement_timestamp()) + $3 * interval '1 microsecond'
WHERE id = ANY (ARRAY(
    SELECT id FROM leasehold.notification
    WHERE state = 0 AND run_at <= coalesce($1, statement_timestamp())
    ORDER BY run_at, id LIMIT $4 FOR UPDATE SKIP LOCKED
))
RETURNING id, job, channel, purpose, subject, recipient, revision, state, schema_version,
    content_type, message, fence, attempt, run_at, phase, lease_expires_at, provider_id,
    notified_at, error_class, error_text, created_at

-- outbox_lease_channels
-- The first of each channel by its own range of the index, and of those the first of all: what stands
-- before them in other channels is not walked over. What is locked and not taken is free again at the
-- end of the statement.
UPDATE leasehold.notification SET state = 1, fence = fence + 1, attempt = attempt + 1, phase = 0,
    claimed_by = $2, lease_expires_at = coalesce($1, statement_timestamp()) + $3 * interval '1 microsecond'
WHERE id = ANY (ARRAY(
    SELECT due.id
    FROM (SELECT DISTINCT unnest($5::text[]) AS channel) AS wanted
    CROSS JOIN LATERAL (
        SELECT id, run_at FROM leasehold.notification AS one
        WHERE one.channel = wanted.channel AND state = 0 AND run_at <= coalesce($1, statement_timestamp())
        ORDER BY run_at, id LIMIT $4 FOR UPDATE SKIP LOCKED
    ) AS due
    ORDER BY due.run_at, due.id LIMIT $4
))
RETURNING id, job, channel, purpose, subject, recipient, revision, state, schema_version,
    content_type, message, fence, attempt, run_at, phase, lease_expires_at, provider_id,
    notified_at, error_class, error_text, created_at

-- outbox_phase
UPDATE leasehold.notification SET phase = $3
WHERE id = $1 AND fence = $2 AND state = 1
    AND coalesce(lease_expires_at > coalesce($4, statement_timestamp()), false)

-- outbox_jobs
-- Jobs that wait for these rows, locked before the rows are: of two who mark rows of one job, the
-- second sees what the first wrote. An array, since a join would read all live jobs while the planner
-- believes in few.
SELECT job.id FROM leasehold.job
WHERE id = ANY (ARRAY(SELECT job FROM leasehold.requirement WHERE notification = ANY ($1)))
ORDER BY id FOR UPDATE

-- outbox_lock
SELECT id, fence, state, lease_expires_at FROM leasehold.notification
WHERE id = ANY ($1) ORDER BY id FOR UPDATE

-- outbox_mark
UPDATE leasehold.notification AS row SET state = marked.state, lease_expires_at = NULL,
    run_at = coalesce(marked.run_at, row.run_at),
    notified_at = CASE WHEN marked.state = 4 THEN $1 ELSE row.notified_at END,
    provider_id = CASE WHEN marked.state = 4 THEN marked.provider_id ELSE row.provider_id END,
    error_class = coalesce(marked.error_class, row.error_class),
    error_text = coalesce(marked.error_text, row.error_text)
FROM unnest($2::bigint[], $3::smallint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
    AS marked (id, state, run_at, provider_id, error_class, error_text)
WHERE row.id = marked.id

-- outbox_settle
-- Takes settled rows off what jobs wait for.
DELETE FROM leasehold.requirement WHERE notification = ANY ($1) RETURNING job, notification

-- outbox_waiting
-- Which of these jobs still wait for something.
SELECT DISTINCT job FROM leasehold.requirement WHERE job = ANY ($1)

-- outbox_doubt
UPDATE leasehold.notification AS row SET state = 2, lease_expires_at = NULL
FROM (
    SELECT id, lease_expires_at FROM leasehold.notification
    WHERE state = 1 AND lease_expires_at IS NOT NULL
        AND lease_expires_at <= coalesce($1, statement_timestamp())
    ORDER BY lease_expires_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
) AS expired
WHERE row.id = expired.id
RETURNING row.id, expired.lease_expires_at

-- outbox_page
SELECT id, job, channel, purpose, subject, recipient, revision, state, schema_version,
    content_type, message, fence, attempt, run_at, phase, lease_expires_at, provider_id,
    notified_at, error_class, error_text, created_at
FROM leasehold.notification WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3

-- outbox_one
SELECT id, job, channel, purpose, subject, recipient, revision, state, schema_version,
    content_type, message, fence, attempt, run_at, phase, lease_expires_at, provider_id,
    notified_at, error_class, error_text, created_at
FROM leasehold.notification WHERE id = $1
