-- outbox_ids
SELECT nextval('leasehold.notification_id') FROM generate_series(1, $1)

-- outbox_publish
-- In one order, so that two who publish the same intents wait for each other only one way round.
INSERT INTO leasehold.notification (id, job, revision, run_at, created_at, schema_version, channel,
    purpose, subject, recipient, content_type, message, digest)
SELECT new.id, new.job, new.revision, new.run_at, $1, new.schema_version, new.channel, new.purpose,
    new.subject, new.recipient, new.content_type, new.message, new.digest
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::bigint[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::text[]) WITH ORDINALITY
    AS new (id, job, revision, run_at, schema_version, channel, purpose, subject, recipient,
        content_type, message, digest, n)
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
-- Of each channel that has something to be sent, from one to the next, and does not rest: as of those
-- that are asked for.
WITH RECURSIVE walk AS (
    (SELECT one.channel FROM leasehold.notification AS one WHERE state = 0 ORDER BY channel LIMIT 1)
    UNION ALL
    SELECT (SELECT next.channel FROM leasehold.notification AS next
        WHERE next.state = 0 AND next.channel > walk.channel ORDER BY next.channel LIMIT 1)
    FROM walk WHERE walk.channel IS NOT NULL
)
UPDATE leasehold.notification SET state = 1, fence = fence + 1, attempt = attempt + 1, phase = 0,
    claimed_by = $2, lease_expires_at = coalesce($1, statement_timestamp()) + $3 * interval '1 microsecond',
    first_attempt_at = coalesce(first_attempt_at, $1, statement_timestamp()), look_at = NULL
WHERE id = ANY (ARRAY(
    SELECT due.id
    FROM walk
    CROSS JOIN LATERAL (
        SELECT id, run_at FROM leasehold.notification AS one
        WHERE one.channel = walk.channel AND state = 0 AND run_at <= coalesce($1, statement_timestamp())
        ORDER BY run_at, id LIMIT $4 FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE (SELECT true FROM leasehold.channel WHERE name = walk.channel AND paused) IS NULL
    ORDER BY due.run_at, due.id LIMIT $4
))
RETURNING id, job, channel, purpose, subject, recipient, revision, redirected_to, state,
    schema_version, content_type, message, digest, fence, attempt, run_at, phase, lease_expires_at,
    provider_id, notified_at, error_class, error_text, created_at, first_attempt_at,
    perhaps_taken, doubted_at, look_at, looks

-- outbox_lease_channels
-- The first of each channel by its own range of the index, and of those the first of all: what stands
-- before them in other channels is not walked over. What is locked and not taken is free again at the
-- end of the statement.
UPDATE leasehold.notification SET state = 1, fence = fence + 1, attempt = attempt + 1, phase = 0,
    claimed_by = $2, lease_expires_at = coalesce($1, statement_timestamp()) + $3 * interval '1 microsecond',
    first_attempt_at = coalesce(first_attempt_at, $1, statement_timestamp()), look_at = NULL
WHERE id = ANY (ARRAY(
    SELECT due.id
    FROM (SELECT DISTINCT unnest($5::text[]) AS channel) AS wanted
    CROSS JOIN LATERAL (
        SELECT id, run_at FROM leasehold.notification AS one
        WHERE one.channel = wanted.channel AND state = 0 AND run_at <= coalesce($1, statement_timestamp())
        ORDER BY run_at, id LIMIT $4 FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE (SELECT true FROM leasehold.channel WHERE name = wanted.channel AND paused) IS NULL
    ORDER BY due.run_at, due.id LIMIT $4
))
RETURNING id, job, channel, purpose, subject, recipient, revision, redirected_to, state,
    schema_version, content_type, message, digest, fence, attempt, run_at, phase, lease_expires_at,
    provider_id, notified_at, error_class, error_text, created_at, first_attempt_at,
    perhaps_taken, doubted_at, look_at, looks

-- outbox_phases
-- Numbers sorted, so that width_bucket finds each one's place, and rows locked in their order. The tests
-- stand where no index can be made of them: each row that was ever sending may still be in that of states,
-- and a table without statistics has them all read. A lease with enough left stays as it is: no index is
-- written then.
UPDATE leasehold.notification
SET phase = ($4::smallint[])[width_bucket(id, $2::bigint[])],
    lease_expires_at = CASE
        WHEN lease_expires_at >= coalesce($1, statement_timestamp()) + $6 * interval '1 microsecond'
        THEN lease_expires_at
        ELSE coalesce($1, statement_timestamp()) + $5 * interval '1 microsecond' END
WHERE id = ANY (ARRAY(
    SELECT id FROM leasehold.notification
    WHERE id = ANY ($2::bigint[]) AND fence = ($3::bigint[])[width_bucket(id, $2::bigint[])]
        AND coalesce(state = 1 AND lease_expires_at > coalesce($1, statement_timestamp()), false)
    ORDER BY id FOR UPDATE
))
RETURNING id, lease_expires_at

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
-- What is marked as sent once more keeps when it was marked first; what falls into doubt loses it.
WITH done AS (
    UPDATE leasehold.notification AS row SET state = marked.state, lease_expires_at = NULL,
        phase = coalesce(marked.phase, row.phase), run_at = coalesce(marked.run_at, row.run_at),
        perhaps_taken = coalesce(marked.perhaps_taken, row.perhaps_taken),
        attempt = CASE WHEN marked.refunded THEN greatest(row.attempt - 1, 0) ELSE row.attempt END,
        look_at = marked.look_at, looks = CASE WHEN row.state = marked.state THEN row.looks ELSE 0 END,
        doubted_at = CASE WHEN marked.state = 2 AND row.state <> 2 THEN $1 ELSE row.doubted_at END,
        notified_at = CASE WHEN marked.state = 4 AND row.state = 4 THEN coalesce(row.notified_at, $1)
            WHEN marked.state = 4 THEN $1
            WHEN marked.state = 2 AND row.state <> 2 THEN NULL ELSE row.notified_at END,
        provider_id = coalesce(marked.provider_id, row.provider_id),
        error_class = coalesce(marked.error_class, row.error_class),
        error_text = coalesce(marked.error_text, row.error_text)
    FROM unnest($2::bigint[], $3::smallint[], $4::smallint[], $5::timestamptz[], $6::timestamptz[],
        $7::text[], $8::text[], $9::text[], $10::boolean[], $11::boolean[], $12::boolean[])
        AS marked (id, state, phase, run_at, look_at, provider_id, error_class, error_text, leaves_event,
            perhaps_taken, refunded)
    WHERE row.id = marked.id
    RETURNING row.id, row.attempt, row.phase, row.state, marked.error_class, marked.error_text, leaves_event
)
INSERT INTO leasehold.delivery_event (notification, at, attempt, phase, state, error_class, error_text)
SELECT id, $1, attempt, phase, state, error_class, error_text FROM done WHERE leaves_event

-- outbox_recipients
-- To whom rows go: who is not to get more.
SELECT id, channel, coalesce(redirected_to, recipient) FROM leasehold.notification WHERE id = ANY ($1)

-- outbox_decide
-- Another recipient is another message to the provider: it was never attempted.
WITH done AS (
    UPDATE leasehold.notification SET state = $3::smallint, look_at = NULL, looks = 0,
        attempt = CASE WHEN $4 THEN 0 ELSE attempt END, perhaps_taken = perhaps_taken AND $8,
        run_at = CASE WHEN $3::smallint = 0 THEN $1 ELSE run_at END,
        notified_at = CASE WHEN $3::smallint = 4 THEN $1 ELSE notified_at END,
        redirected_to = coalesce($5::text, redirected_to),
        first_attempt_at = CASE WHEN $5::text IS NULL THEN first_attempt_at END
    WHERE id = ANY ($2)
    RETURNING id, attempt, phase, state
)
INSERT INTO leasehold.delivery_event (notification, at, attempt, phase, state, error_class, error_text)
SELECT id, $1, attempt, phase, state, $6, $7 FROM done

-- outbox_events
SELECT at, attempt, phase, state, error_class, error_text
FROM leasehold.delivery_event WHERE notification = $1 ORDER BY number

-- outbox_settle
-- Takes settled rows off what jobs wait for.
DELETE FROM leasehold.requirement WHERE notification = ANY ($1) RETURNING job, notification

-- outbox_waiting
-- Which of these jobs still wait for something.
SELECT DISTINCT job FROM leasehold.requirement WHERE job = ANY ($1)

-- outbox_interrupted
SELECT id FROM leasehold.notification
WHERE state = 1 AND lease_expires_at IS NOT NULL
    AND lease_expires_at <= coalesce($1, statement_timestamp())
ORDER BY lease_expires_at, id LIMIT $2

-- outbox_doubt
-- All of them, or those that are named.
WITH expired AS MATERIALIZED (
    SELECT id, lease_expires_at FROM leasehold.notification
    WHERE state = 1 AND lease_expires_at IS NOT NULL
        AND lease_expires_at <= coalesce($1, statement_timestamp())
        AND ($5::bigint[] IS NULL OR id = ANY ($5))
    ORDER BY lease_expires_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
), doubted AS (
    UPDATE leasehold.notification AS row SET state = 2, lease_expires_at = NULL, looks = 0,
        doubted_at = coalesce($1, statement_timestamp()), look_at = coalesce($1, statement_timestamp()),
        error_class = $3, error_text = $4
    FROM expired
    WHERE row.id = expired.id
    RETURNING row.id, row.doubted_at, row.attempt, row.phase, row.state, expired.lease_expires_at
), told AS (
    INSERT INTO leasehold.delivery_event (notification, at, attempt, phase, state, error_class, error_text)
    SELECT id, doubted_at, attempt, phase, state, $3, $4 FROM doubted
)
SELECT id, lease_expires_at FROM doubted

-- outbox_look
-- The first of each channel, as in outbox_lease_channels. Behind the row comes when it was due.
WITH due AS MATERIALIZED (
    SELECT one.id, one.look_at
    FROM (SELECT DISTINCT unnest($2::text[]) AS channel) AS wanted
    CROSS JOIN LATERAL (
        SELECT id, look_at FROM leasehold.notification AS row
        WHERE row.channel = wanted.channel AND look_at IS NOT NULL
            AND look_at <= coalesce($1, statement_timestamp())
        ORDER BY look_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
    ) AS one
    ORDER BY one.look_at, one.id LIMIT $3
)
UPDATE leasehold.notification AS row
SET look_at = coalesce($1, statement_timestamp()) + $4 * interval '1 microsecond',
    looks = least(looks + 1, 65535)
FROM due
WHERE row.id = due.id
RETURNING row.id, job, channel, purpose, subject, recipient, revision, redirected_to, state,
    schema_version, content_type, message, digest, fence, attempt, run_at, phase, lease_expires_at,
    provider_id, notified_at, error_class, error_text, created_at, first_attempt_at,
    perhaps_taken, doubted_at, row.look_at, looks, due.look_at

-- outbox_page
SELECT id, job, channel, purpose, subject, recipient, revision, redirected_to, state,
    schema_version, content_type, message, digest, fence, attempt, run_at, phase, lease_expires_at,
    provider_id, notified_at, error_class, error_text, created_at, first_attempt_at,
    perhaps_taken, doubted_at, look_at, looks
FROM leasehold.notification WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3

-- outbox_one
SELECT id, job, channel, purpose, subject, recipient, revision, redirected_to, state,
    schema_version, content_type, message, digest, fence, attempt, run_at, phase, lease_expires_at,
    provider_id, notified_at, error_class, error_text, created_at, first_attempt_at,
    perhaps_taken, doubted_at, look_at, looks
FROM leasehold.notification WHERE id = $1
