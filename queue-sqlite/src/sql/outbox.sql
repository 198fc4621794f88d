-- outbox_insert
INSERT INTO leasehold_notification (id, state, job, run_at, created_at, channel, purpose, subject,
  recipient, revision, provider_key, schema_version, content_type, message)
VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)

-- outbox_same_intent
SELECT id, state FROM leasehold_notification
WHERE channel = ?1 AND purpose = ?2 AND subject = ?3 AND recipient = ?4 AND revision = ?5

-- outbox_next_channel
SELECT channel FROM leasehold_notification INDEXED BY leasehold_notification_due
WHERE state = 0 AND channel > ?1 ORDER BY channel LIMIT 1

-- outbox_due
SELECT run_at, id FROM leasehold_notification INDEXED BY leasehold_notification_due
WHERE channel = ?1 AND state = 0 AND run_at <= ?2 ORDER BY run_at, id LIMIT ?3

-- outbox_lease
UPDATE leasehold_notification
SET state = 1, fence = fence + 1, attempt = attempt + 1, phase = 0, lease_expires_at = ?2,
  claimed_by = ?3
WHERE id = ?1

-- outbox_note_phase
UPDATE leasehold_notification SET phase = ?3
WHERE id = ?1 AND fence = ?2 AND state = 1 AND lease_expires_at > ?4

-- outbox_current
-- In `sending` under an unexpired lease, or in doubt, whichever is asked for; under this fence.
SELECT 1 FROM leasehold_notification
WHERE id = ?1 AND fence = ?2 AND state = ?3 AND (state <> 1 OR lease_expires_at > ?4)

-- outbox_sent
UPDATE leasehold_notification
SET state = 4, lease_expires_at = NULL, claimed_by = NULL, notified_at = ?2,
  provider_id = coalesce(?3, provider_id)
WHERE id = ?1

-- outbox_not_sent
UPDATE leasehold_notification
SET state = ?2, lease_expires_at = NULL, claimed_by = NULL, run_at = coalesce(?3, run_at),
  error_class = ?4, error_text = ?5
WHERE id = ?1

-- outbox_settle
-- Takes a settled row off what jobs wait for.
DELETE FROM leasehold_requirement WHERE notification = ?1 RETURNING job

-- outbox_waiting
-- Whether a job still waits for something.
SELECT 1 FROM leasehold_requirement WHERE job = ?1

-- outbox_expired
SELECT id FROM leasehold_notification INDEXED BY leasehold_notification_lease
WHERE lease_expires_at IS NOT NULL AND lease_expires_at <= ?1 ORDER BY lease_expires_at, id LIMIT ?2

-- outbox_doubt
UPDATE leasehold_notification SET state = 2, lease_expires_at = NULL, claimed_by = NULL WHERE id = ?1

-- outbox_one
SELECT id, job, channel, purpose, subject, recipient, revision, state, schema_version, content_type,
  message, provider_key, fence, attempt, run_at, phase, lease_expires_at, provider_id, notified_at,
  error_class, error_text, created_at
FROM leasehold_notification WHERE id = ?1

-- outbox_page
SELECT id, job, channel, purpose, subject, recipient, revision, state, schema_version, content_type,
  message, provider_key, fence, attempt, run_at, phase, lease_expires_at, provider_id, notified_at,
  error_class, error_text, created_at
FROM leasehold_notification WHERE state = ?1 AND id > ?2 ORDER BY id LIMIT ?3
