-- steer_request
UPDATE leasehold.job SET flags = flags | 1 WHERE id = $1

-- steer_elsewhere
-- Where a job is that is not live; history knows better than a letter that it was replayed from.
SELECT state FROM (
    SELECT state, 0 AS rank FROM leasehold.history WHERE id = $1
    UNION ALL
    SELECT 6::smallint, 1 FROM leasehold.dead_letter WHERE id = $1
) AS found
ORDER BY rank LIMIT 1
