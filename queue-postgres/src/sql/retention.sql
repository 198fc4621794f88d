-- retention_all
SELECT sort, queue, kept_for FROM leasehold.retention ORDER BY sort, queue

-- retention_lock
-- Two that set one rule do so one after the other, and the second sees what the first has set.
SELECT pg_advisory_xact_lock(hashtextextended('leasehold.retention', 0))::text

-- retention_put
INSERT INTO leasehold.retention (sort, queue, kept_for) VALUES ($1, $2, $3)
ON CONFLICT (sort, queue) DO UPDATE SET kept_for = excluded.kept_for

-- retention_drop
DELETE FROM leasehold.retention WHERE sort = $1 AND queue = $2
