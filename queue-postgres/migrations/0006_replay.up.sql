-- What finding dead letters needs.
ALTER TABLE leasehold.dead_letter ADD COLUMN reason text COLLATE "C", ADD COLUMN note text;

-- Each goes on by the time of death, and then by the job.
CREATE INDEX dead_letter_age ON leasehold.dead_letter (died_at, id);
CREATE INDEX dead_letter_state ON leasehold.dead_letter (letter_state, died_at, id);
CREATE INDEX dead_letter_queue ON leasehold.dead_letter (queue, died_at, id);
CREATE INDEX dead_letter_kind ON leasehold.dead_letter (kind, died_at, id);
CREATE INDEX dead_letter_error_class ON leasehold.dead_letter (error_class, died_at, id);
CREATE INDEX dead_letter_tenant ON leasehold.dead_letter (tenant, died_at, id);
CREATE INDEX dead_letter_stage ON leasehold.dead_letter (coalesce(stage, 'run'), died_at, id);
CREATE INDEX dead_letter_reason ON leasehold.dead_letter (reason, died_at, id);

-- What jobs were enqueued with that an operator has given another payload.
CREATE TABLE leasehold.original_payload (
    job bigint PRIMARY KEY REFERENCES leasehold.dead_letter (id) ON DELETE CASCADE,
    schema_version bigint,
    content_type text COLLATE "C",
    payload bytea NOT NULL
);

-- Whether a job was enqueued under a key, asked of the job.
CREATE INDEX idempotency_key_job ON leasehold.idempotency_key (job);

-- Plans being applied, one run for each. state: 0 running, 1 stopped, 2 finished. The fence grows with
-- every process that takes it over.
CREATE TABLE leasehold.replay_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fence bigint NOT NULL,
    begun_at timestamptz NOT NULL,
    ended_at timestamptz,
    held_until timestamptz,
    letters bigint NOT NULL,
    state smallint NOT NULL,
    from_start boolean NOT NULL,
    plan text COLLATE "C" NOT NULL,
    settings text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    note text,
    holder text COLLATE "C",
    CONSTRAINT replay_run_plan UNIQUE (plan),
    CHECK ((holder IS NULL) = (held_until IS NULL))
);

-- The letters that runs have seen. outcome: 0 running, 1 succeeded, 2 died, 3 cancelled, 4 changed,
-- 5 without evidence, 6 gone. version: of the letter in the plan.
CREATE TABLE leasehold.replay_item (
    run bigint NOT NULL,
    job bigint NOT NULL,
    version bigint NOT NULL,
    at timestamptz NOT NULL,
    outcome smallint NOT NULL,
    PRIMARY KEY (run, job)
);
CREATE INDEX replay_item_outcome ON leasehold.replay_item (run, outcome);
CREATE INDEX replay_item_running ON leasehold.replay_item (job) WHERE outcome = 0;
