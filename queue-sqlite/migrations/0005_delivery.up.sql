-- What delivery needs besides the rows: their history, who gets nothing, channels that rest, incidents.
-- Only syntax that SQLite 3.37 reads.

-- digest NULL: the row was stored before this. SQLite has no SHA-256 to compute it here, so that it is
-- computed from the message whenever such a row is read.
ALTER TABLE leasehold_notification ADD COLUMN digest TEXT;
ALTER TABLE leasehold_notification ADD COLUMN redirected_to TEXT;
ALTER TABLE leasehold_notification ADD COLUMN first_attempt_at INTEGER;
ALTER TABLE leasehold_notification ADD COLUMN perhaps_taken INTEGER NOT NULL DEFAULT 0;
ALTER TABLE leasehold_notification ADD COLUMN doubted_at INTEGER;
ALTER TABLE leasehold_notification ADD COLUMN look_at INTEGER;
ALTER TABLE leasehold_notification ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;

-- What is under way: how long a provider knows a row's key is counted from the earliest time it can have
-- seen it, and what is in doubt is to be looked at.
UPDATE leasehold_notification SET first_attempt_at = created_at WHERE state < 4 AND attempt > 0;
UPDATE leasehold_notification SET doubted_at = now, look_at = now
FROM (
  SELECT max(clock, CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000) AS now
  FROM leasehold_meta) AS time
WHERE state = 2;

CREATE INDEX leasehold_notification_look ON leasehold_notification (channel, look_at)
  WHERE look_at IS NOT NULL;
CREATE INDEX leasehold_notification_doubt ON leasehold_notification (doubted_at) WHERE state = 2;

-- What happened to rows on their way, besides being taken at once.
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

-- Recipients that get nothing through a channel. expires_at NULL: until somebody takes them off.
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

-- Channels that were ever paused.
CREATE TABLE leasehold_channel (
  name TEXT NOT NULL PRIMARY KEY,
  paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is escalated; the document is all of it, as JSON.
CREATE TABLE leasehold_incident (
  key TEXT NOT NULL PRIMARY KEY,
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  version INTEGER NOT NULL,
  document TEXT NOT NULL
) STRICT;

CREATE INDEX leasehold_incident_open ON leasehold_incident (key) WHERE open;

DROP VIEW leasehold_notifications;
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
