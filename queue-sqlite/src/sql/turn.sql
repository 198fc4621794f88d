-- turn_admitted
SELECT id, state, run_at FROM leasehold_job INDEXED BY leasehold_job_turn
WHERE queue = ?1 AND ordering_key = ?2 AND ordering_key IS NOT NULL AND state <= 1

-- turn_first_in_line
SELECT id, run_at FROM leasehold_job INDEXED BY leasehold_job_line
WHERE queue = ?1 AND ordering_key = ?2 AND state = 2 ORDER BY id LIMIT 1

-- turn_first_due
SELECT id, run_at FROM leasehold_job INDEXED BY leasehold_job_line_due
WHERE queue = ?1 AND ordering_key = ?2 AND state = 2 AND priority = ?3 AND run_at <= ?4
ORDER BY run_at, id LIMIT 1

-- turn_set
UPDATE leasehold_job SET state = ?2 WHERE id = ?1
