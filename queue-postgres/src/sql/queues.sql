-- queues_all
SELECT name, paused, max_running, rate_permits, rate_per_us, rate_burst, fair, loose,
    bucket_level, bucket_at, served, served_tenant
FROM leasehold.queue ORDER BY name

-- queues_lock
-- Claims of a queue with limits take turns on its row; those with fewer locks wait for no one.
SELECT name, paused, max_running, rate_permits, rate_per_us, rate_burst, fair, loose,
    bucket_level, bucket_at, served, served_tenant
FROM leasehold.queue WHERE name = ANY ($1) AND (limited OR $2) ORDER BY name FOR UPDATE

-- queues_create
INSERT INTO leasehold.queue (name, paused, fair, loose, limited)
VALUES ($1, false, false, false, false) ON CONFLICT (name) DO NOTHING

-- queues_put
UPDATE leasehold.queue SET paused = $2, max_running = $3, rate_permits = $4, rate_per_us = $5,
    rate_burst = $6, fair = $7, loose = $8, limited = $9, bucket_level = $10, bucket_at = $11
WHERE name = $1

-- queues_taken
UPDATE leasehold.queue SET bucket_level = $2, bucket_at = $3, served = $4, served_tenant = $5
WHERE name = $1

-- queues_running
SELECT count(*) FROM (
    SELECT FROM leasehold.job
    WHERE queue = $1 AND lease_expires_at > $2 AND lease_expires_at IS NOT NULL LIMIT $3
) AS running
