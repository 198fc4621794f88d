-- enqueue_body
INSERT INTO leasehold_body (id, priority, max_attempts, created_at, queue, kind, tenant, ordering_key,
  subject, revision, headers, schema_version, content_type, payload)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)

-- enqueue_jobs
-- Of bodies that were just written, so they are in memory.
INSERT INTO leasehold_job (id, state, flags, priority, run_at, fence, attempt, tenanted, queue, kind,
  tenant)
SELECT id, ?3, ?4, priority, ?5, 0, 0, tenant IS NOT NULL, queue, kind, tenant
FROM leasehold_body WHERE id BETWEEN ?1 AND ?2

-- enqueue_key
-- The job that holds the key, if the key is remembered.
SELECT k.job FROM leasehold_key k
WHERE k.kind = ?1 AND k.key = ?2
  AND (k.expires_at > ?3
    OR EXISTS (SELECT 1 FROM leasehold_job WHERE id = k.job)
    OR EXISTS (SELECT 1 FROM leasehold_dead_letter WHERE id = k.job AND letter_state <= 2))

-- enqueue_remember
INSERT INTO leasehold_key (kind, key, job, expires_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (kind, key) DO UPDATE SET job = excluded.job, expires_at = excluded.expires_at

-- enqueue_succeeded
SELECT job, revision FROM leasehold_subject WHERE kind = ?1 AND subject = ?2
