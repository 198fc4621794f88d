-- stats_next_ready_queue
SELECT queue FROM leasehold_job INDEXED BY leasehold_job_ready
WHERE state = 0 AND queue > ?1 ORDER BY queue LIMIT 1

-- stats_next_waiting_queue
SELECT queue FROM leasehold_turn INDEXED BY leasehold_turn_line
WHERE admitted = 0 AND queue > ?1 ORDER BY queue LIMIT 1

-- stats_runs
-- The runs of the ready index in one queue: one row per kind, tenancy and priority.
WITH RECURSIVE run (kind, tenanted, priority) AS (
  SELECT * FROM (
    SELECT kind, tenanted, priority FROM leasehold_job INDEXED BY leasehold_job_ready
    WHERE queue = ?1 AND state = 0 ORDER BY kind, tenanted, priority DESC LIMIT 1)
  UNION ALL
  SELECT j.kind, j.tenanted, j.priority FROM run JOIN leasehold_job j ON j.id = coalesce(
    (SELECT id FROM leasehold_job INDEXED BY leasehold_job_ready
     WHERE queue = ?1 AND state = 0 AND kind = run.kind AND tenanted = run.tenanted
       AND priority < run.priority ORDER BY priority DESC LIMIT 1),
    (SELECT id FROM leasehold_job INDEXED BY leasehold_job_ready
     WHERE queue = ?1 AND state = 0 AND kind = run.kind AND tenanted > run.tenanted
     ORDER BY tenanted, priority DESC LIMIT 1),
    (SELECT id FROM leasehold_job INDEXED BY leasehold_job_ready
     WHERE queue = ?1 AND state = 0 AND kind > run.kind
     ORDER BY kind, tenanted, priority DESC LIMIT 1))
)
SELECT kind, tenanted, priority FROM run

-- stats_ready
SELECT count(*), min(run_at) FROM (
  SELECT run_at FROM leasehold_job INDEXED BY leasehold_job_ready
  WHERE queue = ?1 AND kind = ?2 AND tenanted = ?3 AND priority = ?4 AND state = 0
    AND run_at <= ?5 ORDER BY run_at LIMIT ?6)

-- stats_scheduled
SELECT count(*) FROM (
  SELECT 1 FROM leasehold_job INDEXED BY leasehold_job_ready
  WHERE queue = ?1 AND kind = ?2 AND tenanted = ?3 AND priority = ?4 AND state = 0
    AND run_at > ?5 LIMIT ?6)

-- stats_waiting
SELECT count(*) FROM (
  SELECT 1 FROM leasehold_turn INDEXED BY leasehold_turn_line
  WHERE queue = ?1 AND admitted = 0 LIMIT ?2)

-- stats_running
SELECT count(*) FROM (
  SELECT 1 FROM leasehold_job INDEXED BY leasehold_job_lease
  WHERE queue = ?1 AND lease_expires_at IS NOT NULL LIMIT ?2)

-- stats_awaiting
SELECT count(*) FROM (
  SELECT DISTINCT job FROM leasehold_requirement LIMIT ?1)

-- stats_letters
SELECT count(*) FROM (
  SELECT 1 FROM leasehold_dead_letter INDEXED BY leasehold_dead_letter_state
  WHERE letter_state IN (0, 2) LIMIT ?1)

-- stats_notifications
SELECT count(*) FROM (
  SELECT 1 FROM leasehold_notification INDEXED BY leasehold_notification_state
  WHERE state = ?1 LIMIT ?2)

-- stats_oldest_due
SELECT run_at FROM leasehold_notification INDEXED BY leasehold_notification_due
WHERE channel = ?1 AND state = 0 ORDER BY run_at LIMIT 1

-- stats_oldest_doubt
SELECT doubted_at FROM leasehold_notification INDEXED BY leasehold_notification_doubt
WHERE state = 2 AND doubted_at IS NOT NULL ORDER BY doubted_at LIMIT 1
