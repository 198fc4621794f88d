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

CREATE INDEX leasehold_audit_action ON leasehold_audit (action);

CREATE INDEX leasehold_audit_actor ON leasehold_audit (actor);

CREATE INDEX leasehold_audit_target ON leasehold_audit (target);

CREATE TABLE leasehold_audit_checkpoint (
  seq INTEGER PRIMARY KEY,
  hash TEXT NOT NULL,
  at INTEGER NOT NULL,
  key TEXT NOT NULL,
  signature TEXT NOT NULL,
  archive TEXT NOT NULL
) STRICT;

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

CREATE TABLE leasehold_channel (
  name TEXT NOT NULL PRIMARY KEY,
  paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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
, queue TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL DEFAULT '', tenant TEXT, stage TEXT NOT NULL DEFAULT 'run', reason TEXT, error_text TEXT NOT NULL DEFAULT '', note TEXT) STRICT;

CREATE INDEX leasehold_dead_letter_age ON leasehold_dead_letter (died_at);

CREATE INDEX leasehold_dead_letter_closed ON leasehold_dead_letter (letter_state, queue, changed_at)
  WHERE letter_state >= 3;

CREATE INDEX leasehold_dead_letter_error_class ON leasehold_dead_letter (error_class, died_at);

CREATE INDEX leasehold_dead_letter_kind ON leasehold_dead_letter (kind, died_at);

CREATE INDEX leasehold_dead_letter_queue ON leasehold_dead_letter (queue, died_at);

CREATE INDEX leasehold_dead_letter_reason ON leasehold_dead_letter (reason, died_at)
  WHERE reason IS NOT NULL;

CREATE INDEX leasehold_dead_letter_stage ON leasehold_dead_letter (stage, died_at);

CREATE INDEX leasehold_dead_letter_state ON leasehold_dead_letter (letter_state, died_at);

CREATE INDEX leasehold_dead_letter_tenant ON leasehold_dead_letter (tenant, died_at)
  WHERE tenant IS NOT NULL;

CREATE TABLE leasehold_delivery_event (
  id INTEGER PRIMARY KEY,
  notification INTEGER NOT NULL,
  at INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  phase INTEGER NOT NULL,
  state INTEGER NOT NULL,
  error_class TEXT,
  error_text TEXT
) STRICT;

CREATE INDEX leasehold_delivery_event_row ON leasehold_delivery_event (notification);

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

CREATE TABLE leasehold_incident (
  key TEXT NOT NULL PRIMARY KEY,
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  version INTEGER NOT NULL,
  document TEXT NOT NULL
) STRICT;

CREATE INDEX leasehold_incident_open ON leasehold_incident (key) WHERE open;

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

CREATE INDEX leasehold_job_lease ON leasehold_job (queue, lease_expires_at)
  WHERE lease_expires_at IS NOT NULL;

CREATE INDEX leasehold_job_ready ON leasehold_job (queue, kind, tenanted, priority DESC, run_at)
  WHERE state = 0;

CREATE INDEX leasehold_job_tenant ON leasehold_job (queue, tenant, kind, priority DESC, run_at)
  WHERE state = 0 AND tenant IS NOT NULL;

CREATE TABLE leasehold_key (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  job INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX leasehold_key_expires ON leasehold_key (expires_at);

CREATE INDEX leasehold_key_job ON leasehold_key (job);

CREATE TABLE leasehold_leader (
  role TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  since INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE leasehold_meta (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  store_id INTEGER NOT NULL,
  next_job INTEGER NOT NULL,
  next_notification INTEGER NOT NULL,
  clock INTEGER NOT NULL,    -- high-water mark: time never runs behind it
  wake INTEGER NOT NULL,     -- grows whenever a job became claimable
  limited INTEGER NOT NULL   -- whether any queue has max_running
) STRICT;

CREATE TABLE leasehold_migration (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT;

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
  message BLOB NOT NULL, digest TEXT, redirected_to TEXT, first_attempt_at INTEGER, perhaps_taken INTEGER NOT NULL DEFAULT 0, doubted_at INTEGER, look_at INTEGER, looks INTEGER NOT NULL DEFAULT 0,
  UNIQUE (channel, purpose, subject, recipient, revision),
  CHECK ((state = 1) = (lease_expires_at IS NOT NULL))
) STRICT;

CREATE INDEX leasehold_notification_doubt ON leasehold_notification (doubted_at) WHERE state = 2;

CREATE INDEX leasehold_notification_due ON leasehold_notification (channel, run_at)
  WHERE state = 0;

CREATE INDEX leasehold_notification_lease ON leasehold_notification (lease_expires_at)
  WHERE lease_expires_at IS NOT NULL;

CREATE INDEX leasehold_notification_look ON leasehold_notification (channel, look_at)
  WHERE look_at IS NOT NULL;

CREATE INDEX leasehold_notification_settled ON leasehold_notification (created_at)
  WHERE state >= 4;

CREATE INDEX leasehold_notification_state ON leasehold_notification (state);

CREATE TABLE leasehold_original (
  job INTEGER PRIMARY KEY,
  schema_version INTEGER NOT NULL,
  content_type TEXT,         -- NULL is application/json
  payload BLOB NOT NULL
) STRICT;

CREATE TABLE leasehold_progress (
  job INTEGER PRIMARY KEY,
  stage TEXT,
  ledger TEXT,
  error_class TEXT,
  error_text TEXT,
  first_failure_at INTEGER,
  last_failure_at INTEGER
, report_percent INTEGER, report_note TEXT) STRICT;

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

CREATE TABLE leasehold_replay_item (
  run INTEGER NOT NULL,
  job INTEGER NOT NULL,
  version INTEGER NOT NULL,  -- of the letter in the plan
  at INTEGER NOT NULL,
  outcome INTEGER NOT NULL CHECK (outcome BETWEEN 0 AND 6),
  PRIMARY KEY (run, job)
) STRICT, WITHOUT ROWID;

CREATE INDEX leasehold_replay_item_outcome ON leasehold_replay_item (run, outcome);

CREATE INDEX leasehold_replay_item_running ON leasehold_replay_item (job) WHERE outcome = 0;

CREATE TABLE leasehold_replay_run (
  id INTEGER PRIMARY KEY,
  plan TEXT NOT NULL UNIQUE,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
  letters INTEGER NOT NULL,
  from_start INTEGER NOT NULL CHECK (from_start IN (0, 1)),
  settings TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  begun_at INTEGER NOT NULL,
  ended_at INTEGER,
  note TEXT,
  holder TEXT,
  held_until INTEGER,
  fence INTEGER NOT NULL,    -- grows with every process that takes it over
  CHECK ((holder IS NULL) = (held_until IS NULL))
) STRICT;

CREATE INDEX leasehold_replay_run_ended ON leasehold_replay_run (ended_at)
  WHERE ended_at IS NOT NULL;

CREATE TABLE leasehold_requirement (
  job INTEGER NOT NULL,
  notification INTEGER NOT NULL,
  PRIMARY KEY (job, notification)
) STRICT, WITHOUT ROWID;

CREATE INDEX leasehold_requirement_notification ON leasehold_requirement (notification);

CREATE TABLE leasehold_result (
  job INTEGER PRIMARY KEY,
  schema_version INTEGER NOT NULL,
  content_type TEXT,
  result BLOB NOT NULL
) STRICT;

CREATE TABLE leasehold_retention (
  sort TEXT NOT NULL,
  queue TEXT NOT NULL,
  kept_for INTEGER,
  PRIMARY KEY (sort, queue)
) STRICT, WITHOUT ROWID;

CREATE TABLE leasehold_schedule (
  name TEXT NOT NULL PRIMARY KEY,
  next_tick INTEGER,
  last_tick INTEGER,
  paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
  missed TEXT NOT NULL CHECK (missed IN ('skip', 'once', 'all')),
  grace INTEGER NOT NULL,
  cron TEXT,
  zone TEXT,
  every INTEGER,
  queue TEXT NOT NULL,
  kind TEXT NOT NULL,
  priority INTEGER NOT NULL CHECK (priority BETWEEN -3 AND 3),
  max_attempts INTEGER NOT NULL CHECK (max_attempts > 0),
  tenant TEXT,
  ordering_key TEXT,
  headers TEXT,
  schema_version INTEGER NOT NULL,
  content_type TEXT,         -- NULL is application/json
  payload BLOB NOT NULL,
  CHECK ((cron IS NULL) = (zone IS NULL) AND (cron IS NULL) = (every IS NOT NULL))
) STRICT;

CREATE TABLE leasehold_stage (
  job INTEGER NOT NULL,
  stage TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  content_type TEXT,
  output BLOB NOT NULL,
  PRIMARY KEY (job, stage)
) STRICT, WITHOUT ROWID;

CREATE TABLE leasehold_subject (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  job INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  succeeded_at INTEGER NOT NULL,
  PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX leasehold_subject_succeeded ON leasehold_subject (succeeded_at);

CREATE TABLE leasehold_suppression (
  id INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  recipient TEXT NOT NULL,
  reason TEXT NOT NULL,
  origin TEXT NOT NULL,
  evidence TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  UNIQUE (channel, recipient)
) STRICT;

CREATE INDEX leasehold_suppression_over ON leasehold_suppression (expires_at)
  WHERE expires_at IS NOT NULL;

CREATE TABLE leasehold_thinning (
  scope TEXT NOT NULL PRIMARY KEY,
  finished_at INTEGER NOT NULL,
  job INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE INDEX leasehold_turn_due ON leasehold_turn (queue, ordering_key, priority DESC, run_at)
  WHERE admitted = 0;

CREATE INDEX leasehold_turn_line ON leasehold_turn (queue, ordering_key) WHERE admitted = 0;

CREATE VIEW leasehold_dead_letters AS
SELECT d.id AS job, CASE d.letter_state WHEN 0 THEN 'open' WHEN 1 THEN 'replaying'
    WHEN 2 THEN 'escalated' WHEN 3 THEN 'resolved' ELSE 'discarded' END AS state,
  d.version, d.deaths, d.replays, strftime('%Y-%m-%dT%H:%M:%fZ', d.died_at / 1000000.0, 'unixepoch') AS died_at,
  b.queue, b.kind, b.tenant, p.stage, d.error_class, p.error_text,
  (SELECT count(*) FROM leasehold_evidence e WHERE e.job = d.id) AS evidence
FROM leasehold_dead_letter d JOIN leasehold_body b ON b.id = d.id
LEFT JOIN leasehold_progress p ON p.job = d.id;

CREATE VIEW leasehold_enqueue AS
SELECT NULL AS queue, NULL AS kind, NULL AS payload, NULL AS priority, NULL AS run_at,
  NULL AS idempotency_key, NULL AS key_retention, NULL AS subject, NULL AS revision, NULL AS rerun,
  NULL AS tenant, NULL AS ordering_key, NULL AS max_attempts, NULL AS headers,
  NULL AS content_type, NULL AS schema_version
WHERE 0;

CREATE VIEW leasehold_jobs AS
SELECT x.id, CASE x.state WHEN 1 THEN 'running' WHEN 3 THEN 'awaiting_delivery' ELSE 'queued' END AS state,
  b.queue, b.kind, b.priority, x.fence, x.attempt, b.max_attempts, p.stage,
  strftime('%Y-%m-%dT%H:%M:%fZ', b.created_at / 1000000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', x.run_at / 1000000.0, 'unixepoch') AS run_at,
  x.state = 2 AS waits_for_turn, x.flags & 1 AS cancel_requested, x.claimed_by AS claimed_by,
  strftime('%Y-%m-%dT%H:%M:%fZ', x.lease_expires_at / 1000000.0, 'unixepoch') AS lease_expires_at,
  NULL AS finished_at,
  b.tenant, b.ordering_key, b.subject, b.revision, b.headers, p.error_class, p.error_text,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.first_failure_at / 1000000.0, 'unixepoch') AS first_failure_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.last_failure_at / 1000000.0, 'unixepoch') AS last_failure_at,
  coalesce(b.content_type, 'application/json') AS content_type,
  CASE WHEN coalesce(b.content_type, '/json') LIKE '%/json%' OR b.content_type LIKE '%+json%'
    THEN CASE WHEN json_valid(CAST(b.payload AS TEXT)) THEN CAST(b.payload AS TEXT) END END AS payload,
  CASE WHEN coalesce(r.content_type, '/json') LIKE '%/json%' OR r.content_type LIKE '%+json%'
    THEN CASE WHEN json_valid(CAST(r.result AS TEXT)) THEN CAST(r.result AS TEXT) END END AS result, p.report_percent, p.report_note
FROM leasehold_job x JOIN leasehold_body b ON b.id = x.id
LEFT JOIN leasehold_progress p ON p.job = x.id
LEFT JOIN leasehold_result r ON r.job = x.id
UNION ALL
SELECT x.id, CASE x.state WHEN 4 THEN 'succeeded' ELSE 'cancelled' END AS state,
  b.queue, b.kind, b.priority, x.fence, x.attempt, b.max_attempts, p.stage,
  strftime('%Y-%m-%dT%H:%M:%fZ', b.created_at / 1000000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', x.run_at / 1000000.0, 'unixepoch') AS run_at,
  0 AS waits_for_turn, 0 AS cancel_requested, NULL AS claimed_by,
  NULL AS lease_expires_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', x.finished_at / 1000000.0, 'unixepoch') AS finished_at,
  b.tenant, b.ordering_key, b.subject, b.revision, b.headers, p.error_class, p.error_text,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.first_failure_at / 1000000.0, 'unixepoch') AS first_failure_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.last_failure_at / 1000000.0, 'unixepoch') AS last_failure_at,
  coalesce(b.content_type, 'application/json') AS content_type,
  CASE WHEN coalesce(b.content_type, '/json') LIKE '%/json%' OR b.content_type LIKE '%+json%'
    THEN CASE WHEN json_valid(CAST(b.payload AS TEXT)) THEN CAST(b.payload AS TEXT) END END AS payload,
  CASE WHEN coalesce(x.result_type, '/json') LIKE '%/json%' OR x.result_type LIKE '%+json%'
    THEN CASE WHEN json_valid(CAST(x.result AS TEXT)) THEN CAST(x.result AS TEXT) END END AS result, NULL AS report_percent, NULL AS report_note
FROM leasehold_history x JOIN leasehold_body b ON b.id = x.id
LEFT JOIN leasehold_progress p ON p.job = x.id
UNION ALL
SELECT x.id, 'dead' AS state,
  b.queue, b.kind, b.priority, x.fence, x.attempt, b.max_attempts, p.stage,
  strftime('%Y-%m-%dT%H:%M:%fZ', b.created_at / 1000000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', x.run_at / 1000000.0, 'unixepoch') AS run_at,
  0 AS waits_for_turn, 0 AS cancel_requested, NULL AS claimed_by,
  NULL AS lease_expires_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', x.died_at / 1000000.0, 'unixepoch') AS finished_at,
  b.tenant, b.ordering_key, b.subject, b.revision, b.headers, p.error_class, p.error_text,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.first_failure_at / 1000000.0, 'unixepoch') AS first_failure_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.last_failure_at / 1000000.0, 'unixepoch') AS last_failure_at,
  coalesce(b.content_type, 'application/json') AS content_type,
  CASE WHEN coalesce(b.content_type, '/json') LIKE '%/json%' OR b.content_type LIKE '%+json%'
    THEN CASE WHEN json_valid(CAST(b.payload AS TEXT)) THEN CAST(b.payload AS TEXT) END END AS payload,
  NULL AS result, NULL AS report_percent, NULL AS report_note
FROM leasehold_dead_letter x JOIN leasehold_body b ON b.id = x.id
LEFT JOIN leasehold_progress p ON p.job = x.id
WHERE x.holds_job = 1;

CREATE VIEW leasehold_notifications AS
SELECT id, CASE state WHEN 0 THEN 'pending' WHEN 1 THEN 'sending' WHEN 2 THEN 'in_doubt'
    WHEN 3 THEN 'failed' WHEN 4 THEN 'sent' ELSE 'waived' END AS state,
  job, channel, purpose, subject, recipient, revision, attempt,
  CASE phase WHEN 0 THEN 'leased' WHEN 1 THEN 'connecting' ELSE 'committing' END AS phase,
  strftime('%Y-%m-%dT%H:%M:%fZ', run_at / 1000000.0, 'unixepoch') AS run_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', created_at / 1000000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', notified_at / 1000000.0, 'unixepoch') AS notified_at,
  provider_key, provider_id, error_class, error_text, redirected_to,
  strftime('%Y-%m-%dT%H:%M:%fZ', first_attempt_at / 1000000.0, 'unixepoch') AS first_attempt_at,
  CASE WHEN state = 2
    THEN strftime('%Y-%m-%dT%H:%M:%fZ', doubted_at / 1000000.0, 'unixepoch') END AS in_doubt_since
FROM leasehold_notification;

CREATE VIEW leasehold_queues AS
SELECT n.queue, coalesce(q.paused, 0) AS paused, q.max_running, q.rate_permits, q.rate_burst,
  q.rate_per_ns / 1000000000.0 AS rate_per_s, coalesce(q.fair, 0) AS fair,
  CASE WHEN q.loose THEN 'loose' ELSE 'strict' END AS ordering,
  coalesce(l.ready, 0) AS ready, coalesce(l.scheduled, 0) AS scheduled,
  coalesce(l.waiting, 0) AS waiting, coalesce(l.running, 0) AS running,
  coalesce(l.awaiting_delivery, 0) AS awaiting_delivery
FROM (SELECT name AS queue FROM leasehold_queue UNION SELECT queue FROM leasehold_job) n
LEFT JOIN leasehold_queue q ON q.name = n.queue
LEFT JOIN (
  SELECT queue, sum(state = 0 AND run_at <= now) AS ready, sum(state = 0 AND run_at > now) AS scheduled,
    sum(state = 2) AS waiting, sum(state = 1) AS running, sum(state = 3) AS awaiting_delivery
  FROM leasehold_job, (
    SELECT max(clock, CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000) AS now
    FROM leasehold_meta)
  GROUP BY queue
) l ON l.queue = n.queue;

CREATE VIEW leasehold_schedules AS
SELECT name, coalesce(cron, 'every ' || (every / 1000000.0) || 's') AS cadence, zone, missed,
  grace / 1000000.0 AS grace_s, paused,
  strftime('%Y-%m-%dT%H:%M:%fZ', next_tick / 1000000.0, 'unixepoch') AS next_tick,
  strftime('%Y-%m-%dT%H:%M:%fZ', last_tick / 1000000.0, 'unixepoch') AS last_tick,
  queue, kind, priority, max_attempts, tenant, ordering_key, headers,
  coalesce(content_type, 'application/json') AS content_type,
  CASE WHEN coalesce(content_type, '/json') LIKE '%/json%' OR content_type LIKE '%+json%'
    THEN CASE WHEN json_valid(CAST(payload AS TEXT)) THEN CAST(payload AS TEXT) END END AS payload
FROM leasehold_schedule;

CREATE TRIGGER leasehold_audit_no_delete BEFORE DELETE ON leasehold_audit
WHEN OLD.seq > coalesce((SELECT max(seq) FROM leasehold_audit_checkpoint), 0) BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only: DELETE refused');
END;

CREATE TRIGGER leasehold_audit_no_replace BEFORE INSERT ON leasehold_audit
WHEN NEW.seq <= (SELECT max(seq) FROM leasehold_audit_checkpoint)
  OR EXISTS (SELECT 1 FROM leasehold_audit WHERE seq = NEW.seq) BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only: REPLACE refused');
END;

CREATE TRIGGER leasehold_audit_no_update BEFORE UPDATE ON leasehold_audit BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only: UPDATE refused');
END;

CREATE TRIGGER leasehold_audit_checkpoint_is_of_a_record BEFORE INSERT ON leasehold_audit_checkpoint
WHEN NOT EXISTS (SELECT 1 FROM leasehold_audit WHERE seq = NEW.seq AND hash = NEW.hash)
  OR NEW.seq <= (SELECT max(seq) FROM leasehold_audit_checkpoint) BEGIN
  SELECT RAISE(ABORT, 'the audit trail has no such record to end an archive with: INSERT refused');
END;

CREATE TRIGGER leasehold_audit_checkpoint_no_delete BEFORE DELETE ON leasehold_audit_checkpoint BEGIN
  SELECT RAISE(ABORT, 'checkpoints of the audit trail stay: DELETE refused');
END;

CREATE TRIGGER leasehold_audit_checkpoint_no_update BEFORE UPDATE ON leasehold_audit_checkpoint BEGIN
  SELECT RAISE(ABORT, 'checkpoints of the audit trail stay: UPDATE refused');
END;

CREATE TRIGGER leasehold_enqueue_insert INSTEAD OF INSERT ON leasehold_enqueue
BEGIN
  SELECT RAISE(ABORT, 'queue is not a valid queue name: write 1 to 128 characters of a-z, A-Z, 0-9 and _ - . : /')
  WHERE typeof(NEW.queue) <> 'text' OR length(NEW.queue) NOT BETWEEN 1 AND 128
    OR NEW.queue GLOB '*[^a-zA-Z0-9_.:/-]*';
  SELECT RAISE(ABORT, 'kind is not a valid job kind: write 1 to 128 characters of a-z, A-Z, 0-9 and _ - . : /')
  WHERE typeof(NEW.kind) <> 'text' OR length(NEW.kind) NOT BETWEEN 1 AND 128
    OR NEW.kind GLOB '*[^a-zA-Z0-9_.:/-]*';
  SELECT RAISE(ABORT, 'tenant is not a valid tenant name: write 1 to 128 characters of a-z, A-Z, 0-9 and _ - . : /')
  WHERE NEW.tenant IS NOT NULL AND (typeof(NEW.tenant) <> 'text' OR length(NEW.tenant) NOT BETWEEN 1 AND 128
    OR NEW.tenant GLOB '*[^a-zA-Z0-9_.:/-]*');
  SELECT RAISE(ABORT, 'idempotency_key is not a valid idempotency key: write 1 to 200 bytes of text without control characters')
  WHERE NEW.idempotency_key IS NOT NULL AND (typeof(NEW.idempotency_key) <> 'text'
    OR length(CAST(NEW.idempotency_key AS BLOB)) NOT BETWEEN 1 AND 200 OR instr(CAST(NEW.idempotency_key AS BLOB), x'00') > 0
    OR NEW.idempotency_key GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*');
  SELECT RAISE(ABORT, 'subject is not a valid subject: write 1 to 200 bytes of text without control characters')
  WHERE NEW.subject IS NOT NULL AND (typeof(NEW.subject) <> 'text'
    OR length(CAST(NEW.subject AS BLOB)) NOT BETWEEN 1 AND 200 OR instr(CAST(NEW.subject AS BLOB), x'00') > 0
    OR NEW.subject GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*');
  SELECT RAISE(ABORT, 'ordering_key is not a valid ordering key: write 1 to 200 bytes of text without control characters')
  WHERE NEW.ordering_key IS NOT NULL AND (typeof(NEW.ordering_key) <> 'text'
    OR length(CAST(NEW.ordering_key AS BLOB)) NOT BETWEEN 1 AND 200 OR instr(CAST(NEW.ordering_key AS BLOB), x'00') > 0
    OR NEW.ordering_key GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*');
  SELECT RAISE(ABORT, 'priority: write a number from -3 (last) to 3 (first)')
  WHERE NEW.priority IS NOT NULL
    AND (typeof(NEW.priority) <> 'integer' OR NEW.priority NOT BETWEEN -3 AND 3);
  SELECT RAISE(ABORT, 'max_attempts: write a number from 1 to 32767')
  WHERE NEW.max_attempts IS NOT NULL
    AND (typeof(NEW.max_attempts) <> 'integer' OR NEW.max_attempts NOT BETWEEN 1 AND 32767);
  SELECT RAISE(ABORT, 'key_retention: write a number of seconds')
  WHERE NEW.key_retention IS NOT NULL
    AND (typeof(NEW.key_retention) <> 'integer' OR NEW.key_retention NOT BETWEEN 0 AND 3153600000);
  SELECT RAISE(ABORT, 'schema_version: write a number from 0 to 4294967295')
  WHERE NEW.schema_version IS NOT NULL
    AND (typeof(NEW.schema_version) <> 'integer' OR NEW.schema_version NOT BETWEEN 0 AND 4294967295);
  SELECT RAISE(ABORT, 'subject and revision go together, and a revision is a whole number')
  WHERE (NEW.subject IS NULL) <> (NEW.revision IS NULL)
    OR (NEW.revision IS NOT NULL AND typeof(NEW.revision) <> 'integer');
  SELECT RAISE(ABORT, 'run_at: write a time in UTC like 2026-01-31T12:00:00Z, or microseconds since 1970')
  WHERE NEW.run_at IS NOT NULL AND CASE typeof(NEW.run_at)
    WHEN 'integer' THEN NEW.run_at < 100000000000000  -- seconds or milliseconds by mistake
    WHEN 'text' THEN julianday(NEW.run_at) IS NULL
      OR NEW.run_at NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'
    ELSE 1 END;
  SELECT RAISE(ABORT, 'payload: write text or a blob of at most 262144 bytes')
  WHERE NEW.payload IS NULL OR typeof(NEW.payload) NOT IN ('text', 'blob')
    OR length(CAST(NEW.payload AS BLOB)) > 262144;
  SELECT RAISE(ABORT, 'payload is not JSON: give its content_type')
  WHERE (NEW.content_type IS NULL OR NEW.content_type = 'application/json')
    AND NOT json_valid(CAST(NEW.payload AS TEXT));
  SELECT RAISE(ABORT, 'content_type: write type/subtype, like text/plain')
  WHERE NEW.content_type IS NOT NULL AND (typeof(NEW.content_type) <> 'text'
    OR length(NEW.content_type) > 128 OR NEW.content_type NOT LIKE '_%/_%'
    OR NEW.content_type GLOB '*[^ -~]*');
  SELECT RAISE(ABORT, 'headers: write a JSON object of strings')
  WHERE NEW.headers IS NOT NULL AND CASE WHEN NOT json_valid(NEW.headers) THEN 1
    WHEN json_type(NEW.headers) <> 'object' THEN 1
    ELSE EXISTS (SELECT 1 FROM json_each(NEW.headers) WHERE type <> 'text') END;

  UPDATE leasehold_meta
  SET clock = max(clock, CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000);

  SELECT RAISE(IGNORE) FROM leasehold_key k, leasehold_meta m
  WHERE k.kind = NEW.kind AND k.key = NEW.idempotency_key
    AND (k.expires_at > m.clock
      OR EXISTS (SELECT 1 FROM leasehold_job WHERE id = k.job)
      OR EXISTS (SELECT 1 FROM leasehold_dead_letter WHERE id = k.job AND letter_state <= 2));
  SELECT RAISE(IGNORE) FROM leasehold_subject
  WHERE kind = NEW.kind AND subject = NEW.subject AND revision = NEW.revision;
  SELECT RAISE(ABORT, 'stale_revision: a higher revision of the subject succeeded already')
  FROM leasehold_subject
  WHERE kind = NEW.kind AND subject = NEW.subject AND revision > NEW.revision;
  SELECT RAISE(ABORT, 'rerun_required: a lower revision of the subject succeeded already; set rerun to 1')
  FROM leasehold_subject
  WHERE kind = NEW.kind AND subject = NEW.subject AND revision < NEW.revision
    AND NOT coalesce(NEW.rerun, 0);

  UPDATE leasehold_meta SET next_job = next_job + 1, wake = wake + 1;
  INSERT INTO leasehold_body (id, priority, max_attempts, created_at, queue, kind, tenant,
    ordering_key, subject, revision, headers, schema_version, content_type, payload)
  SELECT next_job - 1, coalesce(NEW.priority, 0), coalesce(NEW.max_attempts, 5), clock, NEW.queue,
    NEW.kind, NEW.tenant, NEW.ordering_key, NEW.subject, NEW.revision, nullif(NEW.headers, '{}'),
    coalesce(NEW.schema_version, 1), nullif(NEW.content_type, 'application/json'),
    CAST(NEW.payload AS BLOB)
  FROM leasehold_meta;
  INSERT INTO leasehold_job (id, state, flags, priority, run_at, fence, attempt, tenanted, queue,
    kind, tenant)
  SELECT next_job - 1, 0, (NEW.ordering_key IS NOT NULL) * 2 + (NEW.subject IS NOT NULL) * 4,
    coalesce(NEW.priority, 0),
    max(clock, coalesce(CASE typeof(NEW.run_at) WHEN 'integer' THEN NEW.run_at
      ELSE CAST(round((julianday(NEW.run_at) - 2440587.5) * 86400000) AS INTEGER) * 1000 END, clock)),
    0, 0, NEW.tenant IS NOT NULL, NEW.queue, NEW.kind, NEW.tenant
  FROM leasehold_meta;
  INSERT INTO leasehold_key (kind, key, job, expires_at)
  SELECT NEW.kind, NEW.idempotency_key, next_job - 1,
    clock + coalesce(NEW.key_retention, 604800) * 1000000
  FROM leasehold_meta WHERE NEW.idempotency_key IS NOT NULL
  ON CONFLICT (kind, key) DO UPDATE SET job = excluded.job, expires_at = excluded.expires_at;

  -- In loose mode the new job takes the place of an admitted one that is due later.
  UPDATE leasehold_job SET state = 2
  WHERE state = 0
    AND id = (SELECT job FROM leasehold_turn
      WHERE queue = NEW.queue AND ordering_key = NEW.ordering_key AND admitted = 1)
    AND run_at > (SELECT run_at FROM leasehold_job
      WHERE id = (SELECT next_job - 1 FROM leasehold_meta))
    AND EXISTS (SELECT 1 FROM leasehold_queue WHERE name = NEW.queue AND loose);
  UPDATE leasehold_turn
  SET admitted = 0, run_at = (SELECT run_at FROM leasehold_job WHERE id = job)
  WHERE queue = NEW.queue AND ordering_key = NEW.ordering_key AND admitted = 1
    AND (SELECT state FROM leasehold_job WHERE id = job) = 2;
  INSERT INTO leasehold_turn (job, admitted, priority, run_at, queue, ordering_key)
  SELECT id, NOT EXISTS (SELECT 1 FROM leasehold_turn
      WHERE queue = NEW.queue AND ordering_key = NEW.ordering_key AND admitted = 1),
    priority, run_at, queue, NEW.ordering_key
  FROM leasehold_job
  WHERE NEW.ordering_key IS NOT NULL AND id = (SELECT next_job - 1 FROM leasehold_meta);
  UPDATE leasehold_job SET state = 2
  WHERE id = (SELECT next_job - 1 FROM leasehold_meta)
    AND (SELECT admitted FROM leasehold_turn WHERE job = id) = 0;
END;
