-- schedules_all
SELECT name, next_tick, last_tick, paused, missed, grace, cron, zone, every, queue, kind, priority,
  max_attempts, tenant, ordering_key, headers, schema_version, content_type, payload
FROM leasehold_schedule ORDER BY name

-- schedules_one
SELECT name, next_tick, last_tick, paused, missed, grace, cron, zone, every, queue, kind, priority,
  max_attempts, tenant, ordering_key, headers, schema_version, content_type, payload
FROM leasehold_schedule WHERE name = ?1

-- schedules_put
INSERT INTO leasehold_schedule (name, next_tick, last_tick, paused, missed, grace, cron, zone, every,
  queue, kind, priority, max_attempts, tenant, ordering_key, headers, schema_version, content_type,
  payload)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
ON CONFLICT (name) DO UPDATE SET next_tick = excluded.next_tick, last_tick = excluded.last_tick,
  paused = excluded.paused, missed = excluded.missed, grace = excluded.grace, cron = excluded.cron,
  zone = excluded.zone, every = excluded.every, queue = excluded.queue, kind = excluded.kind,
  priority = excluded.priority, max_attempts = excluded.max_attempts, tenant = excluded.tenant,
  ordering_key = excluded.ordering_key, headers = excluded.headers,
  schema_version = excluded.schema_version, content_type = excluded.content_type,
  payload = excluded.payload

-- schedules_move
UPDATE leasehold_schedule SET next_tick = ?2, last_tick = ?3 WHERE name = ?1

-- schedules_remove
DELETE FROM leasehold_schedule WHERE name = ?1
