-- Finding what was done, and nothing that takes it away. Only syntax that SQLite 3.37 reads.

-- Each goes on by the number, which every index ends with.
CREATE INDEX leasehold_audit_target ON leasehold_audit (target);
CREATE INDEX leasehold_audit_action ON leasehold_audit (action);
CREATE INDEX leasehold_audit_actor ON leasehold_audit (actor);

CREATE TRIGGER leasehold_audit_no_update BEFORE UPDATE ON leasehold_audit BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only: UPDATE refused');
END;
CREATE TRIGGER leasehold_audit_no_delete BEFORE DELETE ON leasehold_audit BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only: DELETE refused');
END;
-- INSERT OR REPLACE takes a row away without a trigger for that.
CREATE TRIGGER leasehold_audit_no_replace BEFORE INSERT ON leasehold_audit
WHEN EXISTS (SELECT 1 FROM leasehold_audit WHERE seq = NEW.seq) BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only: REPLACE refused');
END;
