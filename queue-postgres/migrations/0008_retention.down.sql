DROP TRIGGER audit_goes_by_checkpoints ON leasehold.audit;
DROP FUNCTION leasehold.check_audit_delete();
DROP TRIGGER audit_is_append_only ON leasehold.audit;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leasehold.audit
    FOR EACH STATEMENT EXECUTE FUNCTION leasehold.refuse_audit_change();
-- Of a trail that was shortened nothing says any more with what it begins; its archives do.
DROP TABLE leasehold.audit_checkpoint;
DROP FUNCTION leasehold.check_audit_checkpoint(), leasehold.refuse_checkpoint_change();
DROP INDEX leasehold.replay_run_ended, leasehold.suppression_over;
DROP INDEX leasehold.dead_letter_closed;
CREATE INDEX dead_letter_closed ON leasehold.dead_letter (changed_at) WHERE letter_state >= 3;
DROP TABLE leasehold.thinning, leasehold.retention;
