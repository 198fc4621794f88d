-- checkpoint_current
SELECT flags, stage, attempt, ledger
FROM leasehold_job LEFT JOIN leasehold_progress ON job = id
WHERE id = ?1 AND fence = ?2 AND state = 1 AND lease_expires_at > ?3

-- checkpoint_output
INSERT INTO leasehold_stage (job, stage, schema_version, content_type, output)
VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (job, stage) DO NOTHING
