-- checkpoint_lock
SELECT flags, stage, attempt, ledger FROM leasehold.job
WHERE id = $1 AND fence = $2 AND state = 1 AND coalesce(lease_expires_at > $3, false)
FOR UPDATE

-- checkpoint_store
INSERT INTO leasehold.stage_output (job, stage, schema_version, content_type, output)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT (job, stage) DO NOTHING

-- checkpoint_progress
UPDATE leasehold.job SET stage = $2, attempt = $3, ledger = $4, flags = flags | 8 WHERE id = $1
