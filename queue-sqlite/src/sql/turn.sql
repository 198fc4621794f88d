-- turn_admitted
SELECT j.id, j.state, j.run_at
FROM leasehold_turn t INDEXED BY leasehold_turn_admitted JOIN leasehold_job j ON j.id = t.job
WHERE t.queue = ?1 AND t.ordering_key = ?2 AND t.admitted = 1

-- turn_enter
INSERT INTO leasehold_turn (job, admitted, priority, run_at, queue, ordering_key)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)

-- turn_leave
DELETE FROM leasehold_turn WHERE job = ?1

-- turn_first_in_line
SELECT job, run_at FROM leasehold_turn INDEXED BY leasehold_turn_line
WHERE queue = ?1 AND ordering_key = ?2 AND admitted = 0 ORDER BY job LIMIT 1

-- turn_first_due
SELECT job, run_at FROM leasehold_turn INDEXED BY leasehold_turn_due
WHERE queue = ?1 AND ordering_key = ?2 AND admitted = 0 AND priority = ?3 ORDER BY run_at, job
LIMIT 1

-- turn_mark
UPDATE leasehold_turn SET admitted = ?2, run_at = ?3 WHERE job = ?1

-- turn_set
UPDATE leasehold_job SET state = ?2 WHERE id = ?1
