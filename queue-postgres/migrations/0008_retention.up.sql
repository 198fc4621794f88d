-- How long what is kept, and an end for the audit trail.

-- queue '' is all queues; kept_for is microseconds, NULL for ever.
CREATE TABLE leasehold.retention (
    sort text COLLATE "C" NOT NULL,
    queue text COLLATE "C" NOT NULL,
    kept_for bigint,
    PRIMARY KEY (sort, queue)
);

-- How far history was gone through for those whose rule is not the only one: all days before this one,
-- and of it all blocks before that.
CREATE TABLE leasehold.thinning (
    scope text COLLATE "C" PRIMARY KEY,
    day timestamptz NOT NULL,
    block bigint NOT NULL
);

-- Closed letters by what their rule is about.
DROP INDEX leasehold.dead_letter_closed;
CREATE INDEX dead_letter_closed ON leasehold.dead_letter (letter_state, queue, changed_at)
    WHERE letter_state >= 3;
CREATE INDEX suppression_over ON leasehold.suppression (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX replay_run_ended ON leasehold.replay_run (ended_at) WHERE ended_at IS NOT NULL;

-- Signed ends of archives: what is up to the newest may go from the trail, and nothing else.
CREATE TABLE leasehold.audit_checkpoint (
    seq bigint PRIMARY KEY,
    hash text NOT NULL,
    at timestamptz NOT NULL,
    key text NOT NULL,
    signature text NOT NULL,
    archive text NOT NULL
);
CREATE FUNCTION leasehold.check_audit_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM leasehold.audit WHERE seq = NEW.seq AND hash = NEW.hash)
        OR NEW.seq <= (SELECT max(seq) FROM leasehold.audit_checkpoint) THEN
        RAISE EXCEPTION 'the audit trail has no such record to end an archive with: % refused', TG_OP;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_checkpoint_is_of_a_record BEFORE INSERT ON leasehold.audit_checkpoint
    FOR EACH ROW EXECUTE FUNCTION leasehold.check_audit_checkpoint();
CREATE FUNCTION leasehold.refuse_checkpoint_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'checkpoints of the audit trail stay: % refused', TG_OP;
END
$$;
CREATE TRIGGER audit_checkpoint_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON leasehold.audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION leasehold.refuse_checkpoint_change();

DROP TRIGGER audit_is_append_only ON leasehold.audit;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR TRUNCATE ON leasehold.audit
    FOR EACH STATEMENT EXECUTE FUNCTION leasehold.refuse_audit_change();
CREATE FUNCTION leasehold.check_audit_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT max(seq) FROM gone) > coalesce((SELECT max(seq) FROM leasehold.audit_checkpoint), 0) THEN
        RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER audit_goes_by_checkpoints AFTER DELETE ON leasehold.audit REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION leasehold.check_audit_delete();
