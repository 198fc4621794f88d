-- renew
-- The test of expiry stands where no index can be made of it, see settle_finish.
UPDATE leasehold.job
SET lease_expires_at = coalesce($3, statement_timestamp()) + $4 * interval '1 microsecond'
WHERE id = ANY ($1::bigint[]) AND state = 1
    AND fence = ($2::bigint[])[width_bucket(id, $1::bigint[])]
    AND coalesce(lease_expires_at > coalesce($3, statement_timestamp()), false)
RETURNING id, lease_expires_at, flags

-- renew_reporting
-- The same with what some of the jobs report; one that says nothing keeps its last report. Apart from
-- renew, so that whoever only renews sends no more than before.
WITH renewed AS (
    UPDATE leasehold.job
    SET lease_expires_at = coalesce($3, statement_timestamp()) + $4 * interval '1 microsecond',
        flags = flags | CASE WHEN ($5::boolean[])[width_bucket(id, $1::bigint[])] THEN 32 ELSE 0 END
    WHERE id = ANY ($1::bigint[]) AND state = 1
        AND fence = ($2::bigint[])[width_bucket(id, $1::bigint[])]
        AND coalesce(lease_expires_at > coalesce($3, statement_timestamp()), false)
    RETURNING id, lease_expires_at, flags
), said AS (
    INSERT INTO leasehold.report (job, percent, note)
    SELECT id, ($6::smallint[])[width_bucket(id, $1::bigint[])],
        ($7::text[])[width_bucket(id, $1::bigint[])]
    FROM renewed WHERE ($5::boolean[])[width_bucket(id, $1::bigint[])]
    ON CONFLICT (job) DO UPDATE SET percent = excluded.percent, note = excluded.note
)
SELECT id, lease_expires_at, flags FROM renewed
