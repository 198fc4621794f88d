-- sweep_next_queue
SELECT queue FROM leasehold_job INDEXED BY leasehold_job_lease
WHERE lease_expires_at IS NOT NULL AND queue > ?1 ORDER BY queue LIMIT 1

-- sweep_expired
SELECT j.lease_expires_at, j.id, j.fence, j.queue, j.kind, p.stage, j.attempt, p.ledger, b.max_attempts
FROM leasehold_job j INDEXED BY leasehold_job_lease JOIN leasehold_body b ON b.id = j.id
LEFT JOIN leasehold_progress p ON p.job = j.id
WHERE j.queue = ?1 AND j.lease_expires_at IS NOT NULL AND j.lease_expires_at <= ?2
ORDER BY j.lease_expires_at, j.id LIMIT ?3
