-- renew
-- The test of expiry stands where no index can be made of it, see settle_finish.
UPDATE leasehold.job
SET lease_expires_at = coalesce($3, statement_timestamp()) + $4 * interval '1 microsecond'
WHERE id = ANY ($1::bigint[]) AND state = 1
    AND fence = ($2::bigint[])[width_bucket(id, $1::bigint[])]
    AND coalesce(lease_expires_at > coalesce($3, statement_timestamp()), false)
RETURNING id, lease_expires_at, flags
