DROP VIEW leasehold.notifications, leasehold.dead_letters, leasehold.queues, leasehold.jobs;
DROP FUNCTION leasehold.enqueue(text, text, jsonb, integer, timestamptz, text, interval, text,
    bigint, boolean, text, text, integer, jsonb, boolean, bytea, text, bigint);
DROP FUNCTION leasehold.check_name(text, text), leasehold.check_text(text, text),
    leasehold.payload_as_json(bytea, text), leasehold.provider_key(text[]);
