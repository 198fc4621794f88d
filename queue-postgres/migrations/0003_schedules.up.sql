-- Jobs by the clock. One row per schedule; nothing else is touched by them but the enqueue of what
-- they fire.

-- A cron expression goes with its zone. next_tick NULL: no tick comes any more.
-- content_type NULL is application/json, schema_version NULL is 1
CREATE TABLE leasehold.schedule (
    name text COLLATE "C" PRIMARY KEY,
    next_tick timestamptz,
    last_tick timestamptz,
    every_us bigint,
    grace_us bigint NOT NULL,
    schema_version bigint,
    max_attempts integer NOT NULL,
    priority smallint NOT NULL,
    paused boolean NOT NULL,
    missed text COLLATE "C" NOT NULL CHECK (missed IN ('skip', 'once', 'all')),
    cron text COLLATE "C",
    zone text COLLATE "C",
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    content_type text COLLATE "C",
    tenant text COLLATE "C",
    ordering_key text COLLATE "C",
    headers text COLLATE "C",
    payload bytea NOT NULL,
    CONSTRAINT schedule_cadence CHECK (num_nulls(cron, zone) <> 1 AND num_nulls(cron, every_us) = 1)
);

CREATE VIEW leasehold.schedules AS
SELECT name, coalesce(cron, 'every ' || (every_us / 1000000.0::double precision) || 's') AS cadence, zone,
    missed, grace_us / 1000000.0::double precision AS grace_s, paused, next_tick, last_tick,
    queue, kind, priority, max_attempts, tenant, ordering_key,
    leasehold.payload_as_json(convert_to(headers, 'UTF8'), NULL) AS headers,
    coalesce(content_type, 'application/json') AS content_type,
    leasehold.payload_as_json(payload, content_type) AS payload
FROM leasehold.schedule;
