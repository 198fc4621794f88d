-- renew_extend
UPDATE leasehold_job SET lease_expires_at = ?4
WHERE id = ?1 AND fence = ?2 AND state = 1 AND lease_expires_at > ?3
RETURNING flags & 1

-- renew_reporting
-- As renew_extend, for a job that has a report to be stored beside it.
UPDATE leasehold_job SET lease_expires_at = ?4, flags = flags | 32
WHERE id = ?1 AND fence = ?2 AND state = 1 AND lease_expires_at > ?3
RETURNING flags & 1
