-- steer_request_cancel
UPDATE leasehold_job SET flags = flags | 1 WHERE id = ?1

-- steer_elsewhere
-- Where a job is that is not live.
SELECT state FROM leasehold_history WHERE id = ?1
UNION ALL
SELECT 6 FROM leasehold_dead_letter WHERE id = ?1 AND holds_job = 1
