-- For people, triggers and other languages: the function that enqueues by the rules of the library,
-- and views that can be read without knowing the tables.

CREATE FUNCTION leasehold.check_name(what text, name text) RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF name !~ '^[A-Za-z0-9_.:/-]{1,128}$' THEN
        RAISE EXCEPTION '"%" is not a valid %', left(name, 40), what USING ERRCODE = '22023',
            HINT = 'write 1 to 128 characters of a-z, A-Z, 0-9 and _ - . : /';
    END IF;
END
$$;

CREATE FUNCTION leasehold.check_text(what text, value text) RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF octet_length(value) NOT BETWEEN 1 AND 200 OR value ~ '[\u0001-\u001f\u007f-\u009f]' THEN
        RAISE EXCEPTION '"%" is not a valid %', left(value, 40), what USING ERRCODE = '22023',
            HINT = 'write 1 to 200 bytes of text without control characters';
    END IF;
END
$$;

-- Enqueues one job in the caller's transaction. outcome is created, or says why nothing was created
-- and which job answers: duplicate, already_succeeded, stale_revision, rerun_required.
-- Idle workers find the job at their next poll; wake => true tells them at the commit, at the price
-- of commits that queue up behind each other (NOTIFY).
CREATE FUNCTION leasehold.enqueue(
    queue text, kind text, payload jsonb DEFAULT 'null', priority integer DEFAULT 0,
    run_at timestamptz DEFAULT NULL, idempotency_key text DEFAULT NULL,
    key_retention interval DEFAULT '7 days', subject text DEFAULT NULL,
    revision bigint DEFAULT NULL, rerun boolean DEFAULT false, tenant text DEFAULT NULL,
    ordering_key text DEFAULT NULL, max_attempts integer DEFAULT 5, headers jsonb DEFAULT NULL,
    wake boolean DEFAULT false, body bytea DEFAULT NULL, content_type text DEFAULT NULL,
    schema_version bigint DEFAULT NULL, OUT job bigint, OUT outcome text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz := statement_timestamp();
    due timestamptz := greatest(enqueue.run_at, moment);
    known record;
    job_state smallint := 0;
    bytes bytea := coalesce(enqueue.body, convert_to(enqueue.payload::text, 'UTF8'));
    is_json boolean := coalesce(enqueue.content_type, '/json') ~* '[/+]json\M';
BEGIN
    IF num_nulls(enqueue.queue, enqueue.kind, enqueue.payload, enqueue.priority, enqueue.max_attempts) > 0 THEN
        RAISE EXCEPTION 'queue, kind, payload, priority and max_attempts must not be null'
            USING ERRCODE = '22004';
    END IF;
    PERFORM leasehold.check_name('queue name', enqueue.queue);
    PERFORM leasehold.check_name('job kind', enqueue.kind);
    PERFORM leasehold.check_name('tenant name', enqueue.tenant);
    PERFORM leasehold.check_text('idempotency key', enqueue.idempotency_key);
    PERFORM leasehold.check_text('subject', enqueue.subject);
    PERFORM leasehold.check_text('ordering key', enqueue.ordering_key);
    IF enqueue.priority NOT BETWEEN -3 AND 3 THEN
        RAISE EXCEPTION '% is not a priority', enqueue.priority
            USING ERRCODE = '22023', HINT = 'write a number from -3 (last) to 3 (first)';
    ELSIF enqueue.max_attempts NOT BETWEEN 1 AND 32767 THEN
        RAISE EXCEPTION '% is not a number of attempts', enqueue.max_attempts
            USING ERRCODE = '22023', HINT = 'write a number from 1 to 32767';
    ELSIF (enqueue.subject IS NULL) <> (enqueue.revision IS NULL) THEN
        RAISE EXCEPTION 'subject and revision go together'
            USING ERRCODE = '22023', HINT = 'pass both or none';
    ELSIF enqueue.content_type !~ '^[ -.0-~]+/[ -~]+$' OR length(enqueue.content_type) > 128 THEN
        RAISE EXCEPTION '"%" is not a valid content type', left(enqueue.content_type, 40)
            USING ERRCODE = '22023', HINT = 'write type/subtype, like text/plain';
    ELSIF enqueue.body IS NULL AND NOT is_json THEN
        RAISE EXCEPTION 'a payload of type % is not JSON', enqueue.content_type
            USING ERRCODE = '22023', HINT = 'pass it as body => convert_to(text, ''UTF8'')';
    ELSIF enqueue.body IS NOT NULL AND (enqueue.content_type IS NULL OR enqueue.payload <> 'null') THEN
        RAISE EXCEPTION 'body goes with its content_type, and instead of payload'
            USING ERRCODE = '22023', HINT = 'pass JSON as payload';
    ELSIF enqueue.schema_version NOT BETWEEN 0 AND 4294967295 THEN
        RAISE EXCEPTION '% is not a schema version', enqueue.schema_version
            USING ERRCODE = '22023', HINT = 'write a number from 0 to 4294967295';
    ELSIF octet_length(bytes) > 262144 THEN
        RAISE EXCEPTION 'the payload has % bytes, the limit is 262144', octet_length(bytes)
            USING ERRCODE = '22023', HINT = 'store the data elsewhere and enqueue a reference to it';
    ELSIF jsonb_typeof(enqueue.headers) <> 'object' OR EXISTS (
        SELECT FROM jsonb_each(CASE jsonb_typeof(enqueue.headers) WHEN 'object' THEN enqueue.headers END)
        WHERE jsonb_typeof(value) <> 'string'
    ) THEN
        RAISE EXCEPTION 'headers must be an object of strings' USING ERRCODE = '22023';
    END IF;

    IF enqueue.ordering_key IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('leasehold.turns', 0));
        PERFORM pg_advisory_xact_lock(
            hashtextextended(enqueue.queue || ' ' || enqueue.ordering_key, 1));
    END IF;
    job := nextval('leasehold.job_id');

    IF enqueue.idempotency_key IS NOT NULL THEN
        LOOP
            INSERT INTO leasehold.idempotency_key (kind, key, job, expires_at)
            VALUES (enqueue.kind, enqueue.idempotency_key, enqueue.job,
                moment + coalesce(enqueue.key_retention, '7 days'))
            ON CONFLICT (kind, key) DO NOTHING;
            EXIT WHEN FOUND;
            SELECT k.job AS first, k.expires_at > moment
                OR EXISTS (SELECT FROM leasehold.job AS j WHERE j.id = k.job)
                OR EXISTS (SELECT FROM leasehold.dead_letter AS d
                    WHERE d.id = k.job AND d.letter_state <= 2) AS remembered
            INTO known
            FROM leasehold.idempotency_key AS k
            WHERE k.kind = enqueue.kind AND k.key = enqueue.idempotency_key FOR UPDATE;
            CONTINUE WHEN NOT FOUND;
            IF known.remembered THEN
                job := known.first;
                outcome := 'duplicate';
                RETURN;
            END IF;
            DELETE FROM leasehold.idempotency_key AS k
            WHERE k.kind = enqueue.kind AND k.key = enqueue.idempotency_key;
        END LOOP;
    END IF;

    IF enqueue.subject IS NOT NULL THEN
        SELECT s.job AS first, s.revision AS latest INTO known FROM leasehold.subject AS s
        WHERE s.kind = enqueue.kind AND s.subject = enqueue.subject;
        IF FOUND THEN
            outcome := CASE
                WHEN enqueue.revision = known.latest THEN 'already_succeeded'
                WHEN enqueue.revision < known.latest THEN 'stale_revision'
                WHEN NOT coalesce(enqueue.rerun, false) THEN 'rerun_required'
            END;
            IF outcome IS NOT NULL THEN
                DELETE FROM leasehold.idempotency_key AS k
                WHERE k.kind = enqueue.kind AND k.key = enqueue.idempotency_key;
                job := known.first;
                RETURN;
            END IF;
        END IF;
    END IF;

    IF enqueue.ordering_key IS NOT NULL THEN
        SELECT j.id, j.state = 0 AND j.run_at > due
            AND coalesce((SELECT q.loose FROM leasehold.queue AS q WHERE q.name = j.queue), false) AS overtaken
        INTO known FROM leasehold.job AS j
        WHERE j.queue = enqueue.queue AND j.ordering_key = enqueue.ordering_key AND j.state IN (0, 1)
        FOR UPDATE;
        IF FOUND AND known.overtaken THEN
            UPDATE leasehold.job AS j SET state = 2 WHERE j.id = known.id;
        ELSIF FOUND THEN
            job_state := 2;
        END IF;
    END IF;

    INSERT INTO leasehold.job (id, run_at, created_at, revision, schema_version, max_attempts, state,
        priority, flags, queue, kind, content_type, tenant, ordering_key, subject, headers, payload)
    VALUES (enqueue.job, due, moment, enqueue.revision, nullif(enqueue.schema_version, 1),
        enqueue.max_attempts, job_state,
        enqueue.priority, CASE WHEN enqueue.ordering_key IS NULL THEN 0 ELSE 2 END
        + CASE WHEN enqueue.subject IS NULL THEN 0 ELSE 4 END,
        enqueue.queue, enqueue.kind, nullif(enqueue.content_type, 'application/json'), enqueue.tenant,
        enqueue.ordering_key, enqueue.subject,
        nullif(enqueue.headers, '{}')::text, bytes);
    outcome := 'created';
    IF enqueue.wake THEN
        PERFORM pg_notify(trim(BOTH '"' FROM split_part('leasehold.', '.', 1)), '');
    END IF;
END
$$;

CREATE FUNCTION leasehold.payload_as_json(bytes bytea, content_type text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF content_type IS NOT NULL AND content_type !~* '[/+]json\M' THEN
        RETURN NULL;
    END IF;
    RETURN convert_from(bytes, 'UTF8')::jsonb;
EXCEPTION WHEN data_exception OR invalid_text_representation OR character_not_in_repertoire
    OR untranslatable_character OR statement_too_complex OR program_limit_exceeded THEN
    RETURN NULL;
END
$$;

CREATE VIEW leasehold.jobs AS
SELECT id, CASE state WHEN 1 THEN 'running' WHEN 3 THEN 'awaiting_delivery' ELSE 'queued' END AS state,
    queue, kind, priority, fence, attempt, max_attempts, stage, created_at, run_at,
    state = 2 AS waits_for_turn, flags & 1 = 1 AS cancel_requested, claimed_by, lease_expires_at,
    NULL::timestamptz AS finished_at, tenant, ordering_key, subject, revision,
    leasehold.payload_as_json(convert_to(headers, 'UTF8'), NULL) AS headers, error_class, error_text, first_failure_at, last_failure_at,
    coalesce(content_type, 'application/json') AS content_type,
    leasehold.payload_as_json(payload, content_type) AS payload,
    leasehold.payload_as_json(result, result_type) AS result
FROM leasehold.job
UNION ALL
SELECT id, CASE state WHEN 4 THEN 'succeeded' ELSE 'cancelled' END,
    queue, kind, priority, fence, attempt, max_attempts, stage, created_at, run_at,
    false, false, NULL, NULL, finished_at, tenant, ordering_key, subject, revision,
    leasehold.payload_as_json(convert_to(headers, 'UTF8'), NULL), error_class, error_text, first_failure_at, last_failure_at,
    coalesce(content_type, 'application/json'), leasehold.payload_as_json(payload, content_type),
    leasehold.payload_as_json(result, result_type)
FROM leasehold.history
UNION ALL
SELECT id, 'dead', queue, kind, priority, fence, attempt, max_attempts, stage, created_at, run_at,
    false, false, NULL, NULL, died_at, tenant, ordering_key, subject, revision,
    leasehold.payload_as_json(convert_to(headers, 'UTF8'), NULL), error_class, error_text, first_failure_at, last_failure_at,
    coalesce(content_type, 'application/json'), leasehold.payload_as_json(payload, content_type), NULL
FROM leasehold.dead_letter WHERE holds_job;

CREATE VIEW leasehold.queues AS
SELECT coalesce(settings.name, live.queue) AS queue, coalesce(settings.paused, false) AS paused,
    settings.max_running, settings.rate_permits, settings.rate_burst,
    settings.rate_per_us / 1000000.0::double precision AS rate_per_s,
    coalesce(settings.fair, false) AS fair,
    CASE WHEN settings.loose THEN 'loose' ELSE 'strict' END AS ordering,
    coalesce(live.ready, 0) AS ready, coalesce(live.scheduled, 0) AS scheduled,
    coalesce(live.waiting, 0) AS waiting, coalesce(live.running, 0) AS running,
    coalesce(live.awaiting_delivery, 0) AS awaiting_delivery
FROM leasehold.queue AS settings
FULL JOIN (
    SELECT job.queue, count(*) FILTER (WHERE state = 0 AND run_at <= statement_timestamp()) AS ready,
        count(*) FILTER (WHERE state = 0 AND run_at > statement_timestamp()) AS scheduled,
        count(*) FILTER (WHERE state = 2) AS waiting, count(*) FILTER (WHERE state = 1) AS running,
        count(*) FILTER (WHERE state = 3) AS awaiting_delivery
    FROM leasehold.job GROUP BY job.queue
) AS live ON live.queue = settings.name;

CREATE VIEW leasehold.dead_letters AS
SELECT id AS job, CASE letter_state WHEN 0 THEN 'open' WHEN 1 THEN 'replaying' WHEN 2 THEN 'escalated'
        WHEN 3 THEN 'resolved' ELSE 'discarded' END AS state,
    version, deaths, replays, died_at, queue, kind, tenant, stage, error_class, error_text,
    (SELECT count(*) FROM leasehold.evidence WHERE evidence.job = dead_letter.id) AS evidence
FROM leasehold.dead_letter;

-- What the provider of a notification knows it by: as the library derives it.
CREATE FUNCTION leasehold.provider_key(VARIADIC parts text[]) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(string_agg(
        int8send(octet_length(bytes)::bigint) || bytes, ''::bytea ORDER BY n)), 'hex')
    FROM (
        SELECT convert_to(part, 'UTF8') AS bytes, n
        FROM unnest(ARRAY['leasehold/notification/1'] || parts) WITH ORDINALITY AS given (part, n)
    ) AS each
$$;

CREATE VIEW leasehold.notifications AS
SELECT id, CASE state WHEN 0 THEN 'pending' WHEN 1 THEN 'sending' WHEN 2 THEN 'in_doubt'
        WHEN 3 THEN 'failed' WHEN 4 THEN 'sent' ELSE 'waived' END AS state,
    job, channel, purpose, subject, recipient, revision, attempt,
    CASE phase WHEN 0 THEN 'leased' WHEN 1 THEN 'connecting' ELSE 'committing' END AS phase,
    run_at, created_at, notified_at,
    leasehold.provider_key(channel, purpose, subject, recipient, revision::text) AS provider_key,
    provider_id, error_class, error_text
FROM leasehold.notification;
