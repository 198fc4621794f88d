-- renew
-- The test of expiry stands where no index can be made of it, see settle_finish. Never waits, see
-- settle_requeue. Behind the renewed ones come those that are held as well and that another had locked,
-- without flags and with the time of the statement, at which they were held; they are looked for only
-- where one is missing.
WITH renewed AS (
    UPDATE leasehold.job
    SET lease_expires_at = coalesce($3, statement_timestamp()) + $4 * interval '1 microsecond'
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM leasehold.job
        WHERE id = ANY ($1::bigint[]) AND state = 1
            AND fence = ($2::bigint[])[width_bucket(id, $1::bigint[])]
            AND coalesce(lease_expires_at > coalesce($3, statement_timestamp()), false)
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING id, lease_expires_at, flags
)
SELECT id, lease_expires_at, flags FROM renewed
UNION ALL
SELECT id, coalesce($3, statement_timestamp()), NULL FROM leasehold.job
WHERE (SELECT count(*) FROM renewed) < cardinality($1)
    AND id = ANY ($1::bigint[]) AND state = 1
    AND fence = ($2::bigint[])[width_bucket(id, $1::bigint[])]
    AND coalesce(lease_expires_at > coalesce($3, statement_timestamp()), false)
    AND id NOT IN (SELECT id FROM renewed)

-- renew_reporting
-- The same with what some of the jobs report; one that says nothing keeps its last report. Apart from
-- renew, so that whoever only renews sends no more than before.
WITH renewed AS (
    UPDATE leasehold.job
    SET lease_expires_at = coalesce($3, statement_timestamp()) + $4 * interval '1 microsecond',
        flags = flags | CASE WHEN ($5::boolean[])[width_bucket(id, $1::bigint[])] THEN 32 ELSE 0 END
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM leasehold.job
        WHERE id = ANY ($1::bigint[]) AND state = 1
            AND fence = ($2::bigint[])[width_bucket(id, $1::bigint[])]
            AND coalesce(lease_expires_at > coalesce($3, statement_timestamp()), false)
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING id, lease_expires_at, flags
), said AS (
    INSERT INTO leasehold.report (job, percent, note)
    SELECT id, ($6::smallint[])[width_bucket(id, $1::bigint[])],
        ($7::text[])[width_bucket(id, $1::bigint[])]
    FROM renewed WHERE ($5::boolean[])[width_bucket(id, $1::bigint[])]
    ON CONFLICT (job) DO UPDATE SET percent = excluded.percent, note = excluded.note
)
SELECT id, lease_expires_at, flags FROM renewed
UNION ALL
SELECT id, coalesce($3, statement_timestamp()), NULL FROM leasehold.job
WHERE (SELECT count(*) FROM renewed) < cardinality($1)
    AND id = ANY ($1::bigint[]) AND state = 1
    AND fence = ($2::bigint[])[width_bucket(id, $1::bigint[])]
    AND coalesce(lease_expires_at > coalesce($3, statement_timestamp()), false)
    AND id NOT IN (SELECT id FROM renewed)

-- renew_one
-- Waits for whoever has the row: for a transaction that has nothing else. $3: when the lease was held.
WITH renewed AS (
    UPDATE leasehold.job
    SET lease_expires_at = $3 + $4 * interval '1 microsecond',
        flags = flags | CASE WHEN $5 THEN 32 ELSE 0 END
    WHERE id = $1 AND state = 1 AND fence = $2 AND coalesce(lease_expires_at > $3, false)
    RETURNING id, lease_expires_at, flags
), said AS (
    INSERT INTO leasehold.report (job, percent, note) SELECT id, $6, $7 FROM renewed WHERE $5
    ON CONFLICT (job) DO UPDATE SET percent = excluded.percent, note = excluded.note
)
SELECT id, lease_expires_at, flags FROM renewed
