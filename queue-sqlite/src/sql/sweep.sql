-- sweep_next_queue
SELECT queue FROM leasehold_job INDEXED BY leasehold_job_lease
WHERE lease_expires_at IS NOT NULL AND queue > ?1 ORDER BY queue LIMIT 1

-- sweep_expired
SELECT lease_expires_at, id, fence, queue, stage, attempt, ledger, max_attempts
FROM leasehold_job INDEXED BY leasehold_job_lease
WHERE queue = ?1 AND lease_expires_at IS NOT NULL AND lease_expires_at <= ?2
ORDER BY lease_expires_at, id LIMIT ?3
