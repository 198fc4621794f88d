-- Times are microseconds since 1970 in UTC. Numbers instead of names: see the views for the names.
-- Only syntax that SQLite 3.37 reads: other programs open this file with the library they have.

CREATE TABLE leasehold_meta (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  store_id INTEGER NOT NULL,
  next_job INTEGER NOT NULL,
  next_notification INTEGER NOT NULL,
  clock INTEGER NOT NULL,    -- high-water mark: time never runs behind it
  wake INTEGER NOT NULL,     -- grows whenever a job became claimable
  limited INTEGER NOT NULL   -- whether any queue has max_running
) STRICT;

INSERT INTO leasehold_meta VALUES (1, random(), 1, 1, 0, 0, 0);

-- What a job is, from its enqueue to the end of its retention: written once, never changed or moved.
CREATE TABLE leasehold_body (
  id INTEGER PRIMARY KEY,
  priority INTEGER NOT NULL CHECK (priority BETWEEN -3 AND 3),
  max_attempts INTEGER NOT NULL CHECK (max_attempts > 0),
  created_at INTEGER NOT NULL,
  queue TEXT NOT NULL,
  kind TEXT NOT NULL,
  tenant TEXT,
  ordering_key TEXT,
  subject TEXT,
  revision INTEGER,
  headers TEXT,
  schema_version INTEGER NOT NULL,
  content_type TEXT,         -- NULL is application/json
  payload BLOB NOT NULL
) STRICT;

-- Live jobs only, and only what changes and what claims look for: each claim and each settlement
-- rewrites a row here and pays for every column and index.
-- state: 0 ready, 1 running, 2 waiting for its turn, 3 awaiting delivery
-- flags: 1 cancel requested, 2 ordering key, 4 subject, 8 stage outputs, 16 replayed from its
--        letter, 32 row in leasehold_progress; 0 is the plain job that takes the short way everywhere
CREATE TABLE leasehold_job (
  id INTEGER PRIMARY KEY,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
  flags INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  lease_expires_at INTEGER,
  fence INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  tenanted INTEGER NOT NULL CHECK (tenanted = (tenant IS NOT NULL)),
  queue TEXT NOT NULL,
  kind TEXT NOT NULL,
  tenant TEXT,
  claimed_by TEXT,
  CHECK ((state = 1) = (lease_expires_at IS NOT NULL))
) STRICT;

-- Kind and tenancy lead the priority so that a claim never walks over jobs it may not take.
CREATE INDEX leasehold_job_ready ON leasehold_job (queue, kind, tenanted, priority DESC, run_at)
  WHERE state = 0;
CREATE INDEX leasehold_job_tenant ON leasehold_job (queue, tenant, kind, priority DESC, run_at)
  WHERE state = 0 AND tenant IS NOT NULL;
CREATE INDEX leasehold_job_lease ON leasehold_job (queue, lease_expires_at)
  WHERE lease_expires_at IS NOT NULL;

-- What attempts left behind: stage and ledger, and the last failure. Most jobs have none of it; it
-- stays as long as the body.
CREATE TABLE leasehold_progress (
  job INTEGER PRIMARY KEY,
  stage TEXT,
  ledger TEXT,
  error_class TEXT,
  error_text TEXT,
  first_failure_at INTEGER,
  last_failure_at INTEGER
) STRICT;

-- What jobs that await delivery have come to.
CREATE TABLE leasehold_result (
  job INTEGER PRIMARY KEY,
  schema_version INTEGER NOT NULL,
  content_type TEXT,
  result BLOB NOT NULL
) STRICT;

-- Jobs with an ordering key that are queued or running. One of a key is admitted, the others wait;
-- priority and run_at are those of the job while it waits.
CREATE TABLE leasehold_turn (
  job INTEGER PRIMARY KEY,
  admitted INTEGER NOT NULL CHECK (admitted IN (0, 1)),
  priority INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  queue TEXT NOT NULL,
  ordering_key TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX leasehold_turn_admitted ON leasehold_turn (queue, ordering_key)
  WHERE admitted = 1;
CREATE INDEX leasehold_turn_line ON leasehold_turn (queue, ordering_key) WHERE admitted = 0;
CREATE INDEX leasehold_turn_due ON leasehold_turn (queue, ordering_key, priority DESC, run_at)
  WHERE admitted = 0;

-- Finished jobs. state: 4 succeeded, 5 cancelled
CREATE TABLE leasehold_history (
  id INTEGER PRIMARY KEY,
  state INTEGER NOT NULL CHECK (state IN (4, 5)),
  finished_at INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  result_version INTEGER,    -- NULL is no result
  result_type TEXT,
  result BLOB
) STRICT;

CREATE INDEX leasehold_history_finished ON leasehold_history (finished_at);

-- One letter per job that ever died.
-- letter_state: 0 open, 1 replaying, 2 escalated, 3 resolved, 4 discarded
CREATE TABLE leasehold_dead_letter (
  id INTEGER PRIMARY KEY,
  letter_state INTEGER NOT NULL CHECK (letter_state BETWEEN 0 AND 4),
  holds_job INTEGER NOT NULL CHECK (holds_job IN (0, 1)),  -- 0 once a replay took the job away
  version INTEGER NOT NULL,
  deaths INTEGER NOT NULL,
  replays INTEGER NOT NULL,
  died_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  error_class TEXT NOT NULL  -- of the last death
) STRICT;

CREATE INDEX leasehold_dead_letter_state ON leasehold_dead_letter (letter_state);
CREATE INDEX leasehold_dead_letter_closed ON leasehold_dead_letter (changed_at)
  WHERE letter_state >= 3;

CREATE TABLE leasehold_evidence (
  id INTEGER PRIMARY KEY,
  job INTEGER NOT NULL,
  death INTEGER NOT NULL,    -- which death it is about: a replay needs some on the last one
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  reference TEXT NOT NULL,
  note TEXT NOT NULL
) STRICT;

CREATE INDEX leasehold_evidence_job ON leasehold_evidence (job, death);

-- Outputs of finished stages, of live jobs and dead ones.
CREATE TABLE leasehold_stage (
  job INTEGER NOT NULL,
  stage TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  content_type TEXT,
  output BLOB NOT NULL,
  PRIMARY KEY (job, stage)
) STRICT, WITHOUT ROWID;

CREATE TABLE leasehold_key (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  job INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX leasehold_key_expires ON leasehold_key (expires_at);

-- The last revision of a subject that succeeded.
CREATE TABLE leasehold_subject (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  job INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  succeeded_at INTEGER NOT NULL,
  PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX leasehold_subject_succeeded ON leasehold_subject (succeeded_at);

CREATE TABLE leasehold_queue (
  name TEXT PRIMARY KEY,
  paused INTEGER NOT NULL,
  max_running INTEGER,
  rate_permits INTEGER,
  rate_per_ns INTEGER,
  rate_burst INTEGER,
  fair INTEGER NOT NULL,
  loose INTEGER NOT NULL,
  bucket_level INTEGER NOT NULL,
  bucket_at INTEGER NOT NULL,
  served INTEGER NOT NULL,   -- whether a fair turn was ever taken
  served_tenant TEXT         -- whose it was last; NULL is the lane without tenant
) STRICT, WITHOUT ROWID;

-- state: 0 pending, 1 sending, 2 in doubt, 3 failed, 4 sent, 5 waived
-- phase: 0 leased, 1 connecting, 2 committing
CREATE TABLE leasehold_notification (
  id INTEGER PRIMARY KEY,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),
  phase INTEGER NOT NULL DEFAULT 0 CHECK (phase BETWEEN 0 AND 2),
  fence INTEGER NOT NULL DEFAULT 0,
  attempt INTEGER NOT NULL DEFAULT 0,
  job INTEGER,
  run_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  lease_expires_at INTEGER,
  notified_at INTEGER,
  channel TEXT NOT NULL,
  purpose TEXT NOT NULL,
  subject TEXT NOT NULL,
  recipient TEXT NOT NULL,
  revision INTEGER NOT NULL,
  provider_key TEXT NOT NULL,
  provider_id TEXT,
  claimed_by TEXT,
  error_class TEXT,
  error_text TEXT,
  schema_version INTEGER NOT NULL,
  content_type TEXT,
  message BLOB NOT NULL,
  UNIQUE (channel, purpose, subject, recipient, revision),
  CHECK ((state = 1) = (lease_expires_at IS NOT NULL))
) STRICT;

CREATE INDEX leasehold_notification_due ON leasehold_notification (channel, run_at)
  WHERE state = 0;
CREATE INDEX leasehold_notification_lease ON leasehold_notification (lease_expires_at)
  WHERE lease_expires_at IS NOT NULL;
CREATE INDEX leasehold_notification_state ON leasehold_notification (state);
CREATE INDEX leasehold_notification_settled ON leasehold_notification (created_at)
  WHERE state >= 4;

-- Which rows a job that awaits delivery waits for.
CREATE TABLE leasehold_requirement (
  job INTEGER NOT NULL,
  notification INTEGER NOT NULL,
  PRIMARY KEY (job, notification)
) STRICT, WITHOUT ROWID;

CREATE INDEX leasehold_requirement_notification ON leasehold_requirement (notification);

CREATE TABLE leasehold_audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  detail TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
