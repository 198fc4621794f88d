DROP TRIGGER leasehold_audit_no_replace;
CREATE TRIGGER leasehold_audit_no_replace BEFORE INSERT ON leasehold_audit
WHEN EXISTS (SELECT 1 FROM leasehold_audit WHERE seq = NEW.seq) BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only: REPLACE refused');
END;
DROP TRIGGER leasehold_audit_no_delete;
CREATE TRIGGER leasehold_audit_no_delete BEFORE DELETE ON leasehold_audit BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only: DELETE refused');
END;
-- Of a trail that was shortened nothing says any more with what it begins; its archives do.
DROP TABLE leasehold_audit_checkpoint;
DROP INDEX leasehold_replay_run_ended;
DROP INDEX leasehold_suppression_over;
DROP INDEX leasehold_dead_letter_closed;
CREATE INDEX leasehold_dead_letter_closed ON leasehold_dead_letter (changed_at)
  WHERE letter_state >= 3;
DROP TABLE leasehold_thinning;
DROP TABLE leasehold_retention;
