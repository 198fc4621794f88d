-- What delivery needs besides the rows: their history, who gets nothing, channels that rest, incidents.

-- digest NULL: the row was settled before this, and is not sent any more.
ALTER TABLE leasehold.notification
    ADD COLUMN digest text COLLATE "C",
    ADD COLUMN redirected_to text COLLATE "C",
    ADD COLUMN first_attempt_at timestamptz,
    ADD COLUMN perhaps_taken boolean NOT NULL DEFAULT false,
    ADD COLUMN doubted_at timestamptz,
    ADD COLUMN look_at timestamptz,
    ADD COLUMN looks integer NOT NULL DEFAULT 0;

-- What is under way: how long a provider knows a row's key is counted from the earliest time it can have
-- seen it, and what is in doubt is to be looked at. What is settled is most of the table, and stays.
UPDATE leasehold.notification SET digest = encode(sha256(message), 'hex'),
    first_attempt_at = CASE WHEN attempt > 0 THEN created_at END,
    doubted_at = CASE WHEN state = 2 THEN statement_timestamp() END,
    look_at = CASE WHEN state = 2 THEN statement_timestamp() END
WHERE state < 4;

CREATE INDEX notification_look ON leasehold.notification (channel, look_at, id) WHERE look_at IS NOT NULL;
CREATE INDEX notification_doubt ON leasehold.notification (doubted_at) WHERE state = 2;

-- What happened to rows on their way, besides being taken at once.
CREATE TABLE leasehold.delivery_event (
    notification bigint NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    attempt integer NOT NULL,
    phase smallint NOT NULL,
    state smallint NOT NULL,
    error_class text COLLATE "C",
    error_text text,
    PRIMARY KEY (notification, number)
);

-- Recipients that get nothing through a channel. expires_at NULL: until somebody takes them off.
CREATE TABLE leasehold.suppression (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    channel text COLLATE "C" NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    origin text NOT NULL,
    evidence text NOT NULL,
    CONSTRAINT suppression_recipient UNIQUE (channel, recipient)
);

-- Channels that were ever paused.
CREATE TABLE leasehold.channel (
    name text COLLATE "C" PRIMARY KEY,
    paused boolean NOT NULL,
    since timestamptz NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL
);

-- What is escalated; the document is all of it, as JSON.
CREATE TABLE leasehold.incident (
    key text COLLATE "C" PRIMARY KEY,
    open boolean NOT NULL,
    version bigint NOT NULL,
    document text NOT NULL
);
CREATE INDEX incident_open ON leasehold.incident (key) WHERE open;

CREATE OR REPLACE VIEW leasehold.notifications AS
SELECT id, CASE state WHEN 0 THEN 'pending' WHEN 1 THEN 'sending' WHEN 2 THEN 'in_doubt'
        WHEN 3 THEN 'failed' WHEN 4 THEN 'sent' ELSE 'waived' END AS state,
    job, channel, purpose, subject, recipient, revision, attempt,
    CASE phase WHEN 0 THEN 'leased' WHEN 1 THEN 'connecting' ELSE 'committing' END AS phase,
    run_at, created_at, notified_at,
    leasehold.provider_key(channel, purpose, subject, coalesce(redirected_to, recipient), revision::text)
        AS provider_key,
    provider_id, error_class, error_text, redirected_to, first_attempt_at,
    CASE WHEN state = 2 THEN doubted_at END AS in_doubt_since
FROM leasehold.notification;
