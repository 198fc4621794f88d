-- schedules_all
SELECT name, next_tick, last_tick, paused, missed, grace_us, cron, zone, every_us, queue, kind,
    priority, max_attempts, tenant, ordering_key, headers, schema_version, content_type, payload
FROM leasehold.schedule ORDER BY name

-- schedules_one
SELECT name, next_tick, last_tick, paused, missed, grace_us, cron, zone, every_us, queue, kind,
    priority, max_attempts, tenant, ordering_key, headers, schema_version, content_type, payload
FROM leasehold.schedule WHERE name = $1

-- schedules_hold
SELECT name, next_tick, last_tick, paused, missed, grace_us, cron, zone, every_us, queue, kind,
    priority, max_attempts, tenant, ordering_key, headers, schema_version, content_type, payload
FROM leasehold.schedule WHERE name = $1 FOR UPDATE

-- schedules_lock
-- One change at a time: two processes that put the same new schedule must not both create it.
SELECT pg_advisory_xact_lock(hashtextextended('leasehold.schedules', 0))::text

-- schedules_put
INSERT INTO leasehold.schedule (name, next_tick, last_tick, paused, missed, grace_us, cron, zone,
    every_us, queue, kind, priority, max_attempts, tenant, ordering_key, headers, schema_version,
    content_type, payload)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
ON CONFLICT (name) DO UPDATE SET next_tick = excluded.next_tick, last_tick = excluded.last_tick,
    paused = excluded.paused, missed = excluded.missed, grace_us = excluded.grace_us,
    cron = excluded.cron, zone = excluded.zone, every_us = excluded.every_us, queue = excluded.queue,
    kind = excluded.kind, priority = excluded.priority, max_attempts = excluded.max_attempts,
    tenant = excluded.tenant, ordering_key = excluded.ordering_key, headers = excluded.headers,
    schema_version = excluded.schema_version, content_type = excluded.content_type,
    payload = excluded.payload

-- schedules_move
UPDATE leasehold.schedule SET next_tick = $2, last_tick = $3 WHERE name = $1

-- schedules_remove
DELETE FROM leasehold.schedule WHERE name = $1
