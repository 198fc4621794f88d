-- Jobs by the clock. One row per schedule; nothing else is touched by them but the enqueue of what
-- they fire. Only syntax that SQLite 3.37 reads.

-- A cron expression goes with its zone; every and grace are microseconds.
-- next_tick NULL: no tick comes any more
CREATE TABLE leasehold_schedule (
  name TEXT NOT NULL PRIMARY KEY,
  next_tick INTEGER,
  last_tick INTEGER,
  paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
  missed TEXT NOT NULL CHECK (missed IN ('skip', 'once', 'all')),
  grace INTEGER NOT NULL,
  cron TEXT,
  zone TEXT,
  every INTEGER,
  queue TEXT NOT NULL,
  kind TEXT NOT NULL,
  priority INTEGER NOT NULL CHECK (priority BETWEEN -3 AND 3),
  max_attempts INTEGER NOT NULL CHECK (max_attempts > 0),
  tenant TEXT,
  ordering_key TEXT,
  headers TEXT,
  schema_version INTEGER NOT NULL,
  content_type TEXT,         -- NULL is application/json
  payload BLOB NOT NULL,
  CHECK ((cron IS NULL) = (zone IS NULL) AND (cron IS NULL) = (every IS NOT NULL))
) STRICT;

CREATE VIEW leasehold_schedules AS
SELECT name, coalesce(cron, 'every ' || (every / 1000000.0) || 's') AS cadence, zone, missed,
  grace / 1000000.0 AS grace_s, paused,
  strftime('%Y-%m-%dT%H:%M:%fZ', next_tick / 1000000.0, 'unixepoch') AS next_tick,
  strftime('%Y-%m-%dT%H:%M:%fZ', last_tick / 1000000.0, 'unixepoch') AS last_tick,
  queue, kind, priority, max_attempts, tenant, ordering_key, headers,
  coalesce(content_type, 'application/json') AS content_type,
  CASE WHEN coalesce(content_type, '/json') LIKE '%/json%' OR content_type LIKE '%+json%'
    THEN CASE WHEN json_valid(CAST(payload AS TEXT)) THEN CAST(payload AS TEXT) END END AS payload
FROM leasehold_schedule;
