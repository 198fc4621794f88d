-- What every process must agree on.
CREATE TABLE leasehold.meta (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    store_id bigint NOT NULL,
    created_at timestamptz NOT NULL
);
INSERT INTO leasehold.meta (store_id, created_at)
VALUES (('x' || substr(md5(gen_random_uuid()::text), 1, 16))::bit(64)::bigint, statement_timestamp());

CREATE SEQUENCE leasehold.job_id AS bigint;
CREATE SEQUENCE leasehold.notification_id AS bigint;

-- Live jobs only: what claims touch stays small, whatever has ever run. Fixed-width columns first.
-- priority is -3 to 3. No constraint says so, and there are no more indexes than these: each costs
-- single inserts (a check 4 microseconds, an index 1 to 2); whoever writes here checks it.
-- state: 0 ready, 1 running, 2 waiting for its turn, 3 awaiting delivery
-- flags: 1 cancel requested, 2 ordered, 4 subject, 8 has stage outputs, 16 replayed
-- content_type NULL is application/json, schema_version NULL is 1
CREATE TABLE leasehold.job (
    id bigint PRIMARY KEY,
    fence bigint NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    lease_expires_at timestamptz,
    revision bigint,
    first_failure_at timestamptz,
    last_failure_at timestamptz,
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
-- The order of claims, one range per queue and priority.
CREATE INDEX job_ready ON leasehold.job (queue, priority DESC, run_at, id) WHERE state = 0;
-- Not WHERE state = 1: settling would take that one and scan all that runs (17 k/s, not 103 k/s).
CREATE INDEX job_lease ON leasehold.job (queue, lease_expires_at) WHERE lease_expires_at IS NOT NULL;
CREATE INDEX job_tenant ON leasehold.job (queue, tenant, priority DESC, run_at, id)
    WHERE state = 0 AND tenant IS NOT NULL;
-- At most one job of an ordering key is admitted.
CREATE UNIQUE INDEX job_turn ON leasehold.job (queue, ordering_key)
    WHERE ordering_key IS NOT NULL AND state IN (0, 1);
-- Who waits for its turn, as the two modes of ordering ask; no other job is in these.
CREATE INDEX job_line ON leasehold.job (queue, ordering_key, id) WHERE state = 2;
CREATE INDEX job_line_loose ON leasehold.job (queue, ordering_key, priority DESC, run_at, id)
    WHERE state = 2;

-- Finished jobs; a day per partition, so that retention drops a table instead of deleting rows.
-- state: 4 succeeded, 5 cancelled
CREATE TABLE leasehold.history (
    id bigint NOT NULL,
    fence bigint NOT NULL,
    run_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    revision bigint,
    first_failure_at timestamptz,
    last_failure_at timestamptz,
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
CREATE INDEX history_id ON leasehold.history USING brin (id) WITH (autosummarize = on);
-- For days that nobody made in time.
CREATE TABLE leasehold.history_default PARTITION OF leasehold.history DEFAULT;
CREATE INDEX history_default_age ON leasehold.history_default (finished_at);

-- One per job that ever died. It keeps what the job was when it died; while holds_job the job is
-- nowhere else.
-- letter_state: 0 open, 1 replaying, 2 escalated, 3 resolved, 4 discarded
CREATE TABLE leasehold.dead_letter (
    id bigint PRIMARY KEY,
    version bigint NOT NULL,
    died_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    fence bigint NOT NULL,
    run_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    revision bigint,
    first_failure_at timestamptz,
    last_failure_at timestamptz,
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
    payload bytea NOT NULL
);
CREATE INDEX dead_letter_unsettled ON leasehold.dead_letter (id) WHERE letter_state IN (0, 2);
CREATE INDEX dead_letter_closed ON leasehold.dead_letter (changed_at) WHERE letter_state >= 3;

-- death: how often the job had died when this was attached; older evidence justifies no new replay.
CREATE TABLE leasehold.evidence (
    job bigint NOT NULL REFERENCES leasehold.dead_letter ON DELETE CASCADE,
    number integer NOT NULL,
    death integer NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    reference text NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (job, number)
);

CREATE TABLE leasehold.stage_output (
    job bigint NOT NULL,
    stage text COLLATE "C" NOT NULL,
    schema_version bigint,
    content_type text COLLATE "C",
    output bytea NOT NULL,
    PRIMARY KEY (job, stage)
);

CREATE TABLE leasehold.idempotency_key (
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    job bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX idempotency_key_expiry ON leasehold.idempotency_key (expires_at);

-- The last success of each subject.
CREATE TABLE leasehold.subject (
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    job bigint NOT NULL,
    revision bigint NOT NULL,
    succeeded_at timestamptz NOT NULL,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX subject_age ON leasehold.subject (succeeded_at);

-- Settings of queues that have any, with the state of their limits.
CREATE TABLE leasehold.queue (
    name text COLLATE "C" PRIMARY KEY,
    paused boolean NOT NULL,
    max_running bigint,
    rate_permits bigint,
    rate_per_us bigint,
    rate_burst bigint,
    fair boolean NOT NULL,
    loose boolean NOT NULL,
    limited boolean NOT NULL,
    bucket_level bigint,
    bucket_at timestamptz,
    served boolean NOT NULL DEFAULT false,
    served_tenant text COLLATE "C"
);

-- state: 0 pending, 1 sending, 2 in doubt, 3 failed, 4 sent, 5 waived
-- phase: 0 leased, 1 connecting, 2 committing
CREATE TABLE leasehold.notification (
    id bigint PRIMARY KEY,
    job bigint,
    revision bigint NOT NULL,
    fence bigint NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    lease_expires_at timestamptz,
    notified_at timestamptz,
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
    CONSTRAINT notification_intent UNIQUE (subject, recipient, channel, purpose, revision)
);
CREATE INDEX notification_state ON leasehold.notification (state, id);
CREATE INDEX notification_due ON leasehold.notification (run_at, id) WHERE state = 0;
CREATE INDEX notification_channel ON leasehold.notification (channel, run_at, id) WHERE state = 0;
CREATE INDEX notification_lease ON leasehold.notification (lease_expires_at, id)
    WHERE lease_expires_at IS NOT NULL;
CREATE INDEX notification_settled ON leasehold.notification (created_at) WHERE state >= 4;

-- What an awaiting job still waits for.
CREATE TABLE leasehold.requirement (
    job bigint NOT NULL,
    notification bigint NOT NULL,
    PRIMARY KEY (job, notification)
);
CREATE INDEX requirement_notification ON leasehold.requirement (notification);

CREATE TABLE leasehold.audit (
    seq bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    detail text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL
);
CREATE FUNCTION leasehold.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP;
END
$$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leasehold.audit
    FOR EACH STATEMENT EXECUTE FUNCTION leasehold.refuse_audit_change();
