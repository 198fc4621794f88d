-- thinning_from
SELECT finished_at, job FROM leasehold_thinning WHERE scope = ?1

-- thinning_walk
-- Along the index from where it got to: what longer rules keep is read once, and not at every upkeep.
SELECT h.finished_at, h.id, b.queue
FROM leasehold_history AS h INDEXED BY leasehold_history_finished
CROSS JOIN leasehold_body AS b ON b.id = h.id
WHERE h.finished_at <= ?1 AND (h.finished_at, h.id) > (?2, ?3)
ORDER BY h.finished_at, h.id LIMIT ?4

-- thinning_reach
INSERT INTO leasehold_thinning (scope, finished_at, job) VALUES (?1, ?2, ?3)
ON CONFLICT (scope) DO UPDATE SET finished_at = excluded.finished_at, job = excluded.job
