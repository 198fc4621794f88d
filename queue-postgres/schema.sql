CREATE TABLE audit (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    detail text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL
);

ALTER TABLE audit ADD CONSTRAINT audit_pkey PRIMARY KEY (seq);

CREATE INDEX audit_action ON leasehold.audit USING btree (action, seq);

CREATE INDEX audit_actor ON leasehold.audit USING btree (actor, seq);

CREATE INDEX audit_target ON leasehold.audit USING btree (target, seq);

CREATE TRIGGER audit_goes_by_checkpoints AFTER DELETE ON leasehold.audit REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION leasehold.check_audit_delete();

CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR TRUNCATE ON leasehold.audit FOR EACH STATEMENT EXECUTE FUNCTION leasehold.refuse_audit_change();

CREATE TABLE audit_checkpoint (
    seq bigint NOT NULL,
    hash text NOT NULL,
    at timestamp with time zone NOT NULL,
    key text NOT NULL,
    signature text NOT NULL,
    archive text NOT NULL
);

ALTER TABLE audit_checkpoint ADD CONSTRAINT audit_checkpoint_pkey PRIMARY KEY (seq);

CREATE TRIGGER audit_checkpoint_is_of_a_record BEFORE INSERT ON leasehold.audit_checkpoint FOR EACH ROW EXECUTE FUNCTION leasehold.check_audit_checkpoint();

CREATE TRIGGER audit_checkpoint_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON leasehold.audit_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION leasehold.refuse_checkpoint_change();

CREATE TABLE channel (
    name text COLLATE "C" NOT NULL,
    paused boolean NOT NULL,
    since timestamp with time zone NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL
);

ALTER TABLE channel ADD CONSTRAINT channel_pkey PRIMARY KEY (name);

CREATE TABLE dead_letter (
    id bigint NOT NULL,
    version bigint NOT NULL,
    died_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    fence bigint NOT NULL,
    run_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revision bigint,
    first_failure_at timestamp with time zone,
    last_failure_at timestamp with time zone,
    schema_version bigint,
    attempt integer NOT NULL,
    max_attempts integer NOT NULL,
    deaths integer NOT NULL,
    replays integer NOT NULL,
    letter_state smallint NOT NULL,
    priority smallint NOT NULL,
    holds_job boolean NOT NULL,
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    content_type text COLLATE "C",
    stage text COLLATE "C",
    ledger text COLLATE "C",
    tenant text COLLATE "C",
    ordering_key text COLLATE "C",
    subject text COLLATE "C",
    headers text COLLATE "C",
    error_class text COLLATE "C",
    error_text text COLLATE "C",
    payload bytea NOT NULL,
    reason text COLLATE "C",
    note text
);

ALTER TABLE dead_letter ADD CONSTRAINT dead_letter_pkey PRIMARY KEY (id);

CREATE INDEX dead_letter_age ON leasehold.dead_letter USING btree (died_at, id);

CREATE INDEX dead_letter_closed ON leasehold.dead_letter USING btree (letter_state, queue, changed_at) WHERE (letter_state >= 3);

CREATE INDEX dead_letter_error_class ON leasehold.dead_letter USING btree (error_class, died_at, id);

CREATE INDEX dead_letter_kind ON leasehold.dead_letter USING btree (kind, died_at, id);

CREATE INDEX dead_letter_queue ON leasehold.dead_letter USING btree (queue, died_at, id);

CREATE INDEX dead_letter_reason ON leasehold.dead_letter USING btree (reason, died_at, id);

CREATE INDEX dead_letter_stage ON leasehold.dead_letter USING btree (COALESCE(stage, 'run'::text), died_at, id);

CREATE INDEX dead_letter_state ON leasehold.dead_letter USING btree (letter_state, died_at, id);

CREATE INDEX dead_letter_tenant ON leasehold.dead_letter USING btree (tenant, died_at, id);

CREATE INDEX dead_letter_unsettled ON leasehold.dead_letter USING btree (id) WHERE (letter_state = ANY (ARRAY[0, 2]));

CREATE TABLE delivery_event (
    notification bigint NOT NULL,
    number bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    attempt integer NOT NULL,
    phase smallint NOT NULL,
    state smallint NOT NULL,
    error_class text COLLATE "C",
    error_text text
);

ALTER TABLE delivery_event ADD CONSTRAINT delivery_event_pkey PRIMARY KEY (notification, number);

CREATE TABLE evidence (
    job bigint NOT NULL,
    number integer NOT NULL,
    death integer NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    reference text NOT NULL,
    note text NOT NULL
);

ALTER TABLE evidence ADD CONSTRAINT evidence_job_fkey FOREIGN KEY (job) REFERENCES leasehold.dead_letter(id) ON DELETE CASCADE;

ALTER TABLE evidence ADD CONSTRAINT evidence_pkey PRIMARY KEY (job, number);

CREATE TABLE history (
    id bigint NOT NULL,
    fence bigint NOT NULL,
    run_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    revision bigint,
    first_failure_at timestamp with time zone,
    last_failure_at timestamp with time zone,
    schema_version bigint,
    result_version bigint,
    attempt integer NOT NULL,
    max_attempts integer NOT NULL,
    state smallint NOT NULL,
    priority smallint NOT NULL,
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    content_type text COLLATE "C",
    stage text COLLATE "C",
    ledger text COLLATE "C",
    tenant text COLLATE "C",
    ordering_key text COLLATE "C",
    subject text COLLATE "C",
    headers text COLLATE "C",
    error_class text COLLATE "C",
    error_text text COLLATE "C",
    payload bytea NOT NULL,
    result_type text COLLATE "C",
    result bytea
) PARTITION BY RANGE (finished_at);

CREATE INDEX history_id ON ONLY leasehold.history USING brin (id) WITH (autosummarize='on');

CREATE TABLE history_default (
    id bigint NOT NULL,
    fence bigint NOT NULL,
    run_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    revision bigint,
    first_failure_at timestamp with time zone,
    last_failure_at timestamp with time zone,
    schema_version bigint,
    result_version bigint,
    attempt integer NOT NULL,
    max_attempts integer NOT NULL,
    state smallint NOT NULL,
    priority smallint NOT NULL,
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    content_type text COLLATE "C",
    stage text COLLATE "C",
    ledger text COLLATE "C",
    tenant text COLLATE "C",
    ordering_key text COLLATE "C",
    subject text COLLATE "C",
    headers text COLLATE "C",
    error_class text COLLATE "C",
    error_text text COLLATE "C",
    payload bytea NOT NULL,
    result_type text COLLATE "C",
    result bytea
) -- DEFAULT;

CREATE INDEX history_default_age ON leasehold.history_default USING btree (finished_at);

CREATE INDEX history_default_id_idx ON leasehold.history_default USING brin (id) WITH (autosummarize='on');

CREATE TABLE idempotency_key (
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    job bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE idempotency_key ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (kind, key);

CREATE INDEX idempotency_key_expiry ON leasehold.idempotency_key USING btree (expires_at);

CREATE INDEX idempotency_key_job ON leasehold.idempotency_key USING btree (job);

CREATE TABLE incident (
    key text COLLATE "C" NOT NULL,
    open boolean NOT NULL,
    version bigint NOT NULL,
    document text NOT NULL
);

ALTER TABLE incident ADD CONSTRAINT incident_pkey PRIMARY KEY (key);

CREATE INDEX incident_open ON leasehold.incident USING btree (key) WHERE open;

CREATE TABLE job (
    id bigint NOT NULL,
    fence bigint NOT NULL DEFAULT 0,
    run_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    lease_expires_at timestamp with time zone,
    revision bigint,
    first_failure_at timestamp with time zone,
    last_failure_at timestamp with time zone,
    schema_version bigint,
    result_version bigint,
    attempt integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL,
    state smallint NOT NULL,
    priority smallint NOT NULL,
    flags smallint NOT NULL DEFAULT 0,
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    content_type text COLLATE "C",
    claimed_by text COLLATE "C",
    stage text COLLATE "C",
    ledger text COLLATE "C",
    tenant text COLLATE "C",
    ordering_key text COLLATE "C",
    subject text COLLATE "C",
    headers text COLLATE "C",
    error_class text COLLATE "C",
    error_text text COLLATE "C",
    payload bytea NOT NULL,
    result_type text COLLATE "C",
    result bytea
);

ALTER TABLE job ADD CONSTRAINT job_pkey PRIMARY KEY (id);

CREATE INDEX job_lease ON leasehold.job USING btree (queue, lease_expires_at) WHERE (lease_expires_at IS NOT NULL);

CREATE INDEX job_line ON leasehold.job USING btree (queue, ordering_key, id) WHERE (state = 2);

CREATE INDEX job_line_loose ON leasehold.job USING btree (queue, ordering_key, priority DESC, run_at, id) WHERE (state = 2);

CREATE INDEX job_ready ON leasehold.job USING btree (queue, priority DESC, run_at, id) WHERE (state = 0);

CREATE INDEX job_tenant ON leasehold.job USING btree (queue, tenant, priority DESC, run_at, id) WHERE ((state = 0) AND (tenant IS NOT NULL));

CREATE UNIQUE INDEX job_turn ON leasehold.job USING btree (queue, ordering_key) WHERE ((ordering_key IS NOT NULL) AND (state = ANY (ARRAY[0, 1])));

CREATE TABLE leader (
    role text COLLATE "C" NOT NULL,
    holder text COLLATE "C" NOT NULL,
    since timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE leader ADD CONSTRAINT leader_pkey PRIMARY KEY (role);

CREATE TABLE meta (
    one boolean NOT NULL DEFAULT true,
    store_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE meta ADD CONSTRAINT meta_one_check CHECK (one);

ALTER TABLE meta ADD CONSTRAINT meta_pkey PRIMARY KEY (one);

CREATE TABLE notification (
    id bigint NOT NULL,
    job bigint,
    revision bigint NOT NULL,
    fence bigint NOT NULL DEFAULT 0,
    run_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    lease_expires_at timestamp with time zone,
    notified_at timestamp with time zone,
    schema_version bigint,
    attempt integer NOT NULL DEFAULT 0,
    state smallint NOT NULL DEFAULT 0,
    phase smallint NOT NULL DEFAULT 0,
    channel text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    content_type text COLLATE "C",
    claimed_by text COLLATE "C",
    provider_id text,
    error_class text COLLATE "C",
    error_text text,
    message bytea NOT NULL,
    digest text COLLATE "C",
    redirected_to text COLLATE "C",
    first_attempt_at timestamp with time zone,
    perhaps_taken boolean NOT NULL DEFAULT false,
    doubted_at timestamp with time zone,
    look_at timestamp with time zone,
    looks integer NOT NULL DEFAULT 0
);

ALTER TABLE notification ADD CONSTRAINT notification_intent UNIQUE (subject, recipient, channel, purpose, revision);

ALTER TABLE notification ADD CONSTRAINT notification_pkey PRIMARY KEY (id);

CREATE INDEX notification_channel ON leasehold.notification USING btree (channel, run_at, id) WHERE (state = 0);

CREATE INDEX notification_doubt ON leasehold.notification USING btree (doubted_at) WHERE (state = 2);

CREATE INDEX notification_due ON leasehold.notification USING btree (run_at, id) WHERE (state = 0);

CREATE INDEX notification_lease ON leasehold.notification USING btree (lease_expires_at, id) WHERE (lease_expires_at IS NOT NULL);

CREATE INDEX notification_look ON leasehold.notification USING btree (channel, look_at, id) WHERE (look_at IS NOT NULL);

CREATE INDEX notification_settled ON leasehold.notification USING btree (created_at) WHERE (state >= 4);

CREATE INDEX notification_state ON leasehold.notification USING btree (state, id);

CREATE TABLE original_payload (
    job bigint NOT NULL,
    schema_version bigint,
    content_type text COLLATE "C",
    payload bytea NOT NULL
);

ALTER TABLE original_payload ADD CONSTRAINT original_payload_job_fkey FOREIGN KEY (job) REFERENCES leasehold.dead_letter(id) ON DELETE CASCADE;

ALTER TABLE original_payload ADD CONSTRAINT original_payload_pkey PRIMARY KEY (job);

CREATE TABLE queue (
    name text COLLATE "C" NOT NULL,
    paused boolean NOT NULL,
    max_running bigint,
    rate_permits bigint,
    rate_per_us bigint,
    rate_burst bigint,
    fair boolean NOT NULL,
    loose boolean NOT NULL,
    limited boolean NOT NULL,
    bucket_level bigint,
    bucket_at timestamp with time zone,
    served boolean NOT NULL DEFAULT false,
    served_tenant text COLLATE "C"
);

ALTER TABLE queue ADD CONSTRAINT queue_pkey PRIMARY KEY (name);

CREATE TABLE replay_item (
    run bigint NOT NULL,
    job bigint NOT NULL,
    version bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    outcome smallint NOT NULL
);

ALTER TABLE replay_item ADD CONSTRAINT replay_item_pkey PRIMARY KEY (run, job);

CREATE INDEX replay_item_outcome ON leasehold.replay_item USING btree (run, outcome);

CREATE INDEX replay_item_running ON leasehold.replay_item USING btree (job) WHERE (outcome = 0);

CREATE TABLE replay_run (
    id bigint NOT NULL,
    fence bigint NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    held_until timestamp with time zone,
    letters bigint NOT NULL,
    state smallint NOT NULL,
    from_start boolean NOT NULL,
    plan text COLLATE "C" NOT NULL,
    settings text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    note text,
    holder text COLLATE "C"
);

ALTER TABLE replay_run ADD CONSTRAINT replay_run_check CHECK (((holder IS NULL) = (held_until IS NULL)));

ALTER TABLE replay_run ADD CONSTRAINT replay_run_pkey PRIMARY KEY (id);

ALTER TABLE replay_run ADD CONSTRAINT replay_run_plan UNIQUE (plan);

CREATE INDEX replay_run_ended ON leasehold.replay_run USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE TABLE report (
    job bigint NOT NULL,
    percent smallint,
    note text COLLATE "C"
);

ALTER TABLE report ADD CONSTRAINT report_pkey PRIMARY KEY (job);

CREATE TABLE requirement (
    job bigint NOT NULL,
    notification bigint NOT NULL
);

ALTER TABLE requirement ADD CONSTRAINT requirement_pkey PRIMARY KEY (job, notification);

CREATE INDEX requirement_notification ON leasehold.requirement USING btree (notification);

CREATE TABLE retention (
    sort text COLLATE "C" NOT NULL,
    queue text COLLATE "C" NOT NULL,
    kept_for bigint
);

ALTER TABLE retention ADD CONSTRAINT retention_pkey PRIMARY KEY (sort, queue);

CREATE TABLE schedule (
    name text COLLATE "C" NOT NULL,
    next_tick timestamp with time zone,
    last_tick timestamp with time zone,
    every_us bigint,
    grace_us bigint NOT NULL,
    schema_version bigint,
    max_attempts integer NOT NULL,
    priority smallint NOT NULL,
    paused boolean NOT NULL,
    missed text COLLATE "C" NOT NULL,
    cron text COLLATE "C",
    zone text COLLATE "C",
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    content_type text COLLATE "C",
    tenant text COLLATE "C",
    ordering_key text COLLATE "C",
    headers text COLLATE "C",
    payload bytea NOT NULL
);

ALTER TABLE schedule ADD CONSTRAINT schedule_cadence CHECK (((num_nulls(cron, zone) <> 1) AND (num_nulls(cron, every_us) = 1)));

ALTER TABLE schedule ADD CONSTRAINT schedule_missed_check CHECK ((missed = ANY (ARRAY['skip'::text, 'once'::text, 'all'::text])));

ALTER TABLE schedule ADD CONSTRAINT schedule_pkey PRIMARY KEY (name);

CREATE TABLE schema_migration (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone NOT NULL
);

ALTER TABLE schema_migration ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (version);

CREATE TABLE stage_output (
    job bigint NOT NULL,
    stage text COLLATE "C" NOT NULL,
    schema_version bigint,
    content_type text COLLATE "C",
    output bytea NOT NULL
);

ALTER TABLE stage_output ADD CONSTRAINT stage_output_pkey PRIMARY KEY (job, stage);

CREATE TABLE subject (
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    job bigint NOT NULL,
    revision bigint NOT NULL,
    succeeded_at timestamp with time zone NOT NULL
);

ALTER TABLE subject ADD CONSTRAINT subject_pkey PRIMARY KEY (kind, subject);

CREATE INDEX subject_age ON leasehold.subject USING btree (succeeded_at);

CREATE TABLE suppression (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    channel text COLLATE "C" NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    origin text NOT NULL,
    evidence text NOT NULL
);

ALTER TABLE suppression ADD CONSTRAINT suppression_pkey PRIMARY KEY (id);

ALTER TABLE suppression ADD CONSTRAINT suppression_recipient UNIQUE (channel, recipient);

CREATE INDEX suppression_over ON leasehold.suppression USING btree (expires_at) WHERE (expires_at IS NOT NULL);

CREATE TABLE thinning (
    scope text COLLATE "C" NOT NULL,
    day timestamp with time zone NOT NULL,
    block bigint NOT NULL
);

ALTER TABLE thinning ADD CONSTRAINT thinning_pkey PRIMARY KEY (scope);

CREATE SEQUENCE delivery_event_number_seq;

CREATE SEQUENCE job_id;

CREATE SEQUENCE notification_id;

CREATE SEQUENCE replay_run_id_seq;

CREATE SEQUENCE suppression_id_seq;

CREATE VIEW dead_letters (
    job bigint,
    state text,
    version bigint,
    deaths integer,
    replays integer,
    died_at timestamp with time zone,
    queue text,
    kind text,
    tenant text,
    stage text,
    error_class text,
    error_text text,
    evidence bigint
);

CREATE VIEW jobs (
    id bigint,
    state text,
    queue text,
    kind text,
    priority smallint,
    fence bigint,
    attempt integer,
    max_attempts integer,
    stage text,
    created_at timestamp with time zone,
    run_at timestamp with time zone,
    waits_for_turn boolean,
    cancel_requested boolean,
    claimed_by text,
    lease_expires_at timestamp with time zone,
    finished_at timestamp with time zone,
    tenant text,
    ordering_key text,
    subject text,
    revision bigint,
    headers jsonb,
    error_class text,
    error_text text,
    first_failure_at timestamp with time zone,
    last_failure_at timestamp with time zone,
    content_type text,
    payload jsonb,
    result jsonb,
    report_percent smallint,
    report_note text
);

CREATE VIEW notifications (
    id bigint,
    state text,
    job bigint,
    channel text,
    purpose text,
    subject text,
    recipient text,
    revision bigint,
    attempt integer,
    phase text,
    run_at timestamp with time zone,
    created_at timestamp with time zone,
    notified_at timestamp with time zone,
    provider_key text,
    provider_id text,
    error_class text,
    error_text text,
    redirected_to text,
    first_attempt_at timestamp with time zone,
    in_doubt_since timestamp with time zone
);

CREATE VIEW queues (
    queue text,
    paused boolean,
    max_running bigint,
    rate_permits bigint,
    rate_burst bigint,
    rate_per_s double precision,
    fair boolean,
    ordering text,
    ready bigint,
    scheduled bigint,
    waiting bigint,
    running bigint,
    awaiting_delivery bigint
);

CREATE VIEW schedules (
    name text,
    cadence text,
    zone text,
    missed text,
    grace_s double precision,
    paused boolean,
    next_tick timestamp with time zone,
    last_tick timestamp with time zone,
    queue text,
    kind text,
    priority smallint,
    max_attempts integer,
    tenant text,
    ordering_key text,
    headers jsonb,
    content_type text,
    payload jsonb
);

CREATE FUNCTION check_audit_checkpoint() RETURNS trigger AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM leasehold.audit WHERE seq = NEW.seq AND hash = NEW.hash)
        OR NEW.seq <= (SELECT max(seq) FROM leasehold.audit_checkpoint) THEN
        RAISE EXCEPTION 'the audit trail has no such record to end an archive with: % refused', TG_OP;
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION check_audit_delete() RETURNS trigger AS $$
BEGIN
    IF (SELECT max(seq) FROM gone) > coalesce((SELECT max(seq) FROM leasehold.audit_checkpoint), 0) THEN
        RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION check_name(what text, name text) RETURNS void AS $$
BEGIN
    IF name !~ '^[A-Za-z0-9_.:/-]{1,128}$' THEN
        RAISE EXCEPTION '"%" is not a valid %', left(name, 40), what USING ERRCODE = '22023',
            HINT = 'write 1 to 128 characters of a-z, A-Z, 0-9 and _ - . : /';
    END IF;
END
$$;

CREATE FUNCTION check_text(what text, value text) RETURNS void AS $$
BEGIN
    IF octet_length(value) NOT BETWEEN 1 AND 200 OR value ~ '[\u0001-\u001f\u007f-\u009f]' THEN
        RAISE EXCEPTION '"%" is not a valid %', left(value, 40), what USING ERRCODE = '22023',
            HINT = 'write 1 to 200 bytes of text without control characters';
    END IF;
END
$$;

CREATE FUNCTION enqueue(queue text, kind text, payload jsonb DEFAULT 'null'::jsonb, priority integer DEFAULT 0, run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, idempotency_key text DEFAULT NULL::text, key_retention interval DEFAULT '7 days'::interval, subject text DEFAULT NULL::text, revision bigint DEFAULT NULL::bigint, rerun boolean DEFAULT false, tenant text DEFAULT NULL::text, ordering_key text DEFAULT NULL::text, max_attempts integer DEFAULT 5, headers jsonb DEFAULT NULL::jsonb, wake boolean DEFAULT false, body bytea DEFAULT NULL::bytea, content_type text DEFAULT NULL::text, schema_version bigint DEFAULT NULL::bigint, OUT job bigint, OUT outcome text) RETURNS record AS $$
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

CREATE FUNCTION payload_as_json(bytes bytea, content_type text) RETURNS jsonb AS $$
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

CREATE FUNCTION provider_key(VARIADIC parts text[]) RETURNS text AS $$
    SELECT encode(sha256(string_agg(
        int8send(octet_length(bytes)::bigint) || bytes, ''::bytea ORDER BY n)), 'hex')
    FROM (
        SELECT convert_to(part, 'UTF8') AS bytes, n
        FROM unnest(ARRAY['leasehold/notification/1'] || parts) WITH ORDINALITY AS given (part, n)
    ) AS each
$$;

CREATE FUNCTION refuse_audit_change() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP;
END
$$;

CREATE FUNCTION refuse_checkpoint_change() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'checkpoints of the audit trail stay: % refused', TG_OP;
END
$$;
