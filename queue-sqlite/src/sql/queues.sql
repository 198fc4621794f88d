-- queues_one
SELECT name, paused, max_running, rate_permits, rate_per_ns, rate_burst, fair, loose,
  bucket_level, bucket_at, served, served_tenant
FROM leasehold_queue WHERE name = ?1

-- queues_all
SELECT name, paused, max_running, rate_permits, rate_per_ns, rate_burst, fair, loose,
  bucket_level, bucket_at, served, served_tenant
FROM leasehold_queue ORDER BY name

-- queues_ordering
SELECT loose FROM leasehold_queue WHERE name = ?1

-- queues_put
INSERT INTO leasehold_queue (name, paused, max_running, rate_permits, rate_per_ns, rate_burst, fair,
  loose, bucket_level, bucket_at, served, served_tenant)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, NULL)
ON CONFLICT (name) DO UPDATE SET paused = excluded.paused, max_running = excluded.max_running,
  rate_permits = excluded.rate_permits, rate_per_ns = excluded.rate_per_ns,
  rate_burst = excluded.rate_burst, fair = excluded.fair, loose = excluded.loose,
  bucket_level = excluded.bucket_level, bucket_at = excluded.bucket_at

-- queues_taken
UPDATE leasehold_queue SET bucket_level = ?2, bucket_at = ?3, served = ?4, served_tenant = ?5
WHERE name = ?1

-- queues_limited
UPDATE leasehold_meta
SET limited = EXISTS (SELECT 1 FROM leasehold_queue WHERE max_running IS NOT NULL)
WHERE one = 1

-- queues_running
SELECT count(*) FROM (
  SELECT 1 FROM leasehold_job INDEXED BY leasehold_job_lease
  WHERE queue = ?1 AND lease_expires_at IS NOT NULL AND lease_expires_at > ?2 LIMIT ?3)
