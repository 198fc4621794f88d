-- enqueue_one
-- The plain job: one statement, no transaction around it.
INSERT INTO leasehold.job (id, run_at, created_at, schema_version, max_attempts, state, priority,
    queue, kind, content_type, tenant, headers, payload)
VALUES (nextval('leasehold.job_id'),
    greatest($2, coalesce($1, statement_timestamp())) + $3 * interval '1 microsecond',
    coalesce($1, statement_timestamp()), $4, $5, 0, $6, $7, $8, $9, $10, $11, $12)
RETURNING id

-- enqueue_keyed
-- The plain job with an idempotency key. No row means that the key is known: the careful way then.
WITH remembered AS (
    INSERT INTO leasehold.idempotency_key (kind, key, job, expires_at)
    VALUES ($8, $13, nextval('leasehold.job_id'),
        coalesce($1, statement_timestamp()) + $14 * interval '1 microsecond')
    ON CONFLICT (kind, key) DO NOTHING RETURNING job
)
INSERT INTO leasehold.job (id, run_at, created_at, schema_version, max_attempts, state, priority,
    queue, kind, content_type, tenant, headers, payload)
SELECT job, greatest($2, coalesce($1, statement_timestamp())) + $3 * interval '1 microsecond',
    coalesce($1, statement_timestamp()), $4, $5, 0, $6, $7, $8, $9, $10, $11, $12
FROM remembered
RETURNING id

-- enqueue_many
-- Plain jobs, in order: the sequence is read row by row as the arrays are.
INSERT INTO leasehold.job (id, run_at, created_at, schema_version, max_attempts, state, priority,
    queue, kind, content_type, tenant, headers, payload)
SELECT nextval('leasehold.job_id'), greatest(new.run_at, now) + new.delay * interval '1 microsecond', now,
    new.schema_version, new.max_attempts, 0, new.priority, new.queue, new.kind, new.content_type,
    new.tenant, new.headers, new.payload
FROM (
    SELECT coalesce($1, statement_timestamp()) AS now, given.*
    FROM unnest($2::timestamptz[], $3::bigint[], $4::bigint[], $5::integer[], $6::smallint[],
        $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[]) WITH ORDINALITY
        AS given (run_at, delay, schema_version, max_attempts, priority,
            queue, kind, content_type, tenant, headers, payload, n)
    ORDER BY given.n
) AS new
RETURNING id

-- enqueue_block
-- The time, and as many numbers as there are jobs, in order.
SELECT coalesce($1, statement_timestamp()), array_agg(nextval('leasehold.job_id')) FROM generate_series(1, $2)

-- enqueue_copy
COPY leasehold.job (id, run_at, created_at, revision, schema_version, max_attempts, state, priority,
    flags, queue, kind, content_type, tenant, ordering_key, subject, headers, payload)
FROM STDIN WITH (FORMAT binary)

-- enqueue_ids
SELECT nextval('leasehold.job_id') FROM generate_series(1, $1)

-- enqueue_numbered
-- Jobs whose numbers and states are decided.
INSERT INTO leasehold.job (id, run_at, created_at, revision, schema_version, max_attempts, state,
    priority, flags, queue, kind, content_type, tenant, ordering_key, subject, headers, payload)
SELECT new.id, new.run_at, $1, new.revision, new.schema_version, new.max_attempts, new.state,
    new.priority, new.flags, new.queue, new.kind, new.content_type, new.tenant, new.ordering_key,
    new.subject, new.headers, new.payload
FROM unnest($2::bigint[], $3::timestamptz[], $4::bigint[], $5::bigint[], $6::integer[],
    $7::smallint[], $8::smallint[], $9::smallint[], $10::text[], $11::text[], $12::text[],
    $13::text[], $14::text[], $15::text[], $16::text[], $17::bytea[])
    AS new (id, run_at, revision, schema_version, max_attempts, state, priority, flags, queue,
        kind, content_type, tenant, ordering_key, subject, headers, payload)

-- enqueue_lock_keys
-- Takes hold of keys that are new, in one order; job 0 marks those that nobody holds yet.
INSERT INTO leasehold.idempotency_key (kind, key, job, expires_at)
SELECT kind, key, 0, '-infinity' FROM unnest($1::text[], $2::text[]) AS wanted (kind, key)
ORDER BY kind COLLATE "C", key COLLATE "C"
ON CONFLICT (kind, key) DO NOTHING

-- enqueue_keys
-- The keys, locked, with their jobs and whether they are remembered.
SELECT known.kind, known.key, known.job, known.expires_at > $3
    OR EXISTS (SELECT FROM leasehold.job WHERE id = known.job)
    OR EXISTS (SELECT FROM leasehold.dead_letter WHERE id = known.job AND letter_state <= 2)
FROM leasehold.idempotency_key AS known
WHERE (known.kind, known.key) IN (SELECT * FROM unnest($1::text[], $2::text[]))
ORDER BY known.kind, known.key
FOR UPDATE OF known

-- enqueue_remember
UPDATE leasehold.idempotency_key AS known SET job = taken.job, expires_at = taken.expires_at
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[])
    AS taken (kind, key, job, expires_at)
WHERE known.kind = taken.kind AND known.key = taken.key

-- enqueue_forget
-- Keys that were taken hold of and not given to a job.
DELETE FROM leasehold.idempotency_key AS known
USING unnest($1::text[], $2::text[]) AS wanted (kind, key)
WHERE known.kind = wanted.kind AND known.key = wanted.key AND known.job = 0

-- enqueue_succeeded
SELECT known.kind, known.subject, known.job, known.revision
FROM leasehold.subject AS known
WHERE (known.kind, known.subject) IN (SELECT * FROM unnest($1::text[], $2::text[]))
