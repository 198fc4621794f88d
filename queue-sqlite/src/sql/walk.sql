-- walk_level
-- The highest priority below ?4 that has ready jobs, due or not.
SELECT priority FROM leasehold_job INDEXED BY leasehold_job_ready
WHERE queue = ?1 AND kind = ?2 AND tenanted = ?3 AND state = 0 AND priority < ?4
ORDER BY priority DESC LIMIT 1

-- walk_due
SELECT run_at, id FROM leasehold_job INDEXED BY leasehold_job_ready
WHERE queue = ?1 AND kind = ?2 AND tenanted = ?3 AND priority = ?4 AND state = 0
  AND run_at <= ?5 AND (run_at, id) > (?6, ?7)
ORDER BY run_at, id LIMIT ?8

-- walk_tenant_level
SELECT priority FROM leasehold_job INDEXED BY leasehold_job_tenant
WHERE queue = ?1 AND tenant = ?3 AND kind = ?2 AND state = 0 AND tenant IS NOT NULL
  AND priority < ?4
ORDER BY priority DESC LIMIT 1

-- walk_tenant_due
SELECT run_at, id FROM leasehold_job INDEXED BY leasehold_job_tenant
WHERE queue = ?1 AND tenant = ?3 AND kind = ?2 AND priority = ?4 AND state = 0
  AND tenant IS NOT NULL AND run_at <= ?5 AND (run_at, id) > (?6, ?7)
ORDER BY run_at, id LIMIT ?8

-- walk_next_kind
SELECT kind FROM leasehold_job INDEXED BY leasehold_job_ready
WHERE queue = ?1 AND state = 0 AND kind > ?2 ORDER BY kind LIMIT 1

-- walk_next_tenant
SELECT tenant FROM leasehold_job INDEXED BY leasehold_job_tenant
WHERE queue = ?1 AND state = 0 AND tenant IS NOT NULL AND tenant > ?2 ORDER BY tenant LIMIT 1
