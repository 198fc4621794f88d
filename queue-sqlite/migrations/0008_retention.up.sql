-- How long what is kept, and an end for the audit trail. Only syntax that SQLite 3.37 reads.

-- queue '' is all queues; kept_for is microseconds, NULL for ever.
CREATE TABLE leasehold_retention (
  sort TEXT NOT NULL,
  queue TEXT NOT NULL,
  kept_for INTEGER,
  PRIMARY KEY (sort, queue)
) STRICT, WITHOUT ROWID;

-- How far history was gone through for those whose rule is not the only one.
CREATE TABLE leasehold_thinning (
  scope TEXT NOT NULL PRIMARY KEY,
  finished_at INTEGER NOT NULL,
  job INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Closed letters by what their rule is about.
DROP INDEX leasehold_dead_letter_closed;
CREATE INDEX leasehold_dead_letter_closed ON leasehold_dead_letter (letter_state, queue, changed_at)
  WHERE letter_state >= 3;
CREATE INDEX leasehold_suppression_over ON leasehold_suppression (expires_at)
  WHERE expires_at IS NOT NULL;
CREATE INDEX leasehold_replay_run_ended ON leasehold_replay_run (ended_at)
  WHERE ended_at IS NOT NULL;

-- Signed ends of archives: what is up to the newest may go from the trail, and nothing else.
CREATE TABLE leasehold_audit_checkpoint (
  seq INTEGER PRIMARY KEY,
  hash TEXT NOT NULL,
  at INTEGER NOT NULL,
  key TEXT NOT NULL,
  signature TEXT NOT NULL,
  archive TEXT NOT NULL
) STRICT;

CREATE TRIGGER leasehold_audit_checkpoint_is_of_a_record BEFORE INSERT ON leasehold_audit_checkpoint
WHEN NOT EXISTS (SELECT 1 FROM leasehold_audit WHERE seq = NEW.seq AND hash = NEW.hash)
  OR NEW.seq <= (SELECT max(seq) FROM leasehold_audit_checkpoint) BEGIN
  SELECT RAISE(ABORT, 'the audit trail has no such record to end an archive with: INSERT refused');
END;
CREATE TRIGGER leasehold_audit_checkpoint_no_update BEFORE UPDATE ON leasehold_audit_checkpoint BEGIN
  SELECT RAISE(ABORT, 'checkpoints of the audit trail stay: UPDATE refused');
END;
CREATE TRIGGER leasehold_audit_checkpoint_no_delete BEFORE DELETE ON leasehold_audit_checkpoint BEGIN
  SELECT RAISE(ABORT, 'checkpoints of the audit trail stay: DELETE refused');
END;

DROP TRIGGER leasehold_audit_no_delete;
CREATE TRIGGER leasehold_audit_no_delete BEFORE DELETE ON leasehold_audit
WHEN OLD.seq > coalesce((SELECT max(seq) FROM leasehold_audit_checkpoint), 0) BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only: DELETE refused');
END;
DROP TRIGGER leasehold_audit_no_replace;
CREATE TRIGGER leasehold_audit_no_replace BEFORE INSERT ON leasehold_audit
WHEN NEW.seq <= (SELECT max(seq) FROM leasehold_audit_checkpoint)
  OR EXISTS (SELECT 1 FROM leasehold_audit WHERE seq = NEW.seq) BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only: REPLACE refused');
END;
