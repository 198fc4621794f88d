-- outbox_insert
INSERT INTO leasehold_notification (id, state, job, run_at, created_at, channel, purpose, subject,
  recipient, revision, provider_key, schema_version, content_type, message, digest)
VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)

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
  claimed_by = ?3, first_attempt_at = coalesce(first_attempt_at, ?4), look_at = NULL
WHERE id = ?1

-- outbox_note_phase
-- A lease with enough left stays as it is: its index is not written then.
UPDATE leasehold_notification SET phase = ?3,
  lease_expires_at = CASE WHEN lease_expires_at >= ?6 THEN lease_expires_at ELSE ?5 END
WHERE id = ?1 AND fence = ?2 AND state = 1 AND lease_expires_at > ?4
RETURNING lease_expires_at

-- outbox_current
-- In the state asked for under this fence; where that is `sending`, under an unexpired lease.
SELECT 1 FROM leasehold_notification
WHERE id = ?1 AND fence = ?2 AND state = ?3 AND (state <> 1 OR lease_expires_at > ?4)

-- outbox_mark
-- What is marked as sent once more keeps when it was marked first; what falls into doubt loses it.
UPDATE leasehold_notification
SET state = ?2, lease_expires_at = NULL, claimed_by = NULL,
  phase = coalesce(?4, phase), run_at = coalesce(?5, run_at), look_at = ?6,
  perhaps_taken = coalesce(?10, perhaps_taken), attempt = max(attempt - ?11, 0),
  looks = CASE WHEN state = ?2 THEN looks ELSE 0 END,
  doubted_at = CASE WHEN ?2 = 2 AND state <> 2 THEN ?3 ELSE doubted_at END,
  notified_at = CASE
    WHEN ?2 = 4 AND state = 4 THEN coalesce(notified_at, ?3)
    WHEN ?2 = 4 THEN ?3
    WHEN ?2 = 2 AND state <> 2 THEN NULL
    ELSE notified_at END,
  provider_id = coalesce(?7, provider_id),
  error_class = coalesce(?8, error_class), error_text = coalesce(?9, error_text)
WHERE id = ?1

-- outbox_event
-- Into a row's history where it is now.
INSERT INTO leasehold_delivery_event (notification, at, attempt, phase, state, error_class, error_text)
SELECT id, ?2, attempt, phase, state, ?3, ?4 FROM leasehold_notification WHERE id = ?1

-- outbox_events
SELECT at, attempt, phase, state, error_class, error_text
FROM leasehold_delivery_event WHERE notification = ?1 ORDER BY id

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
UPDATE leasehold_notification
SET state = 2, lease_expires_at = NULL, claimed_by = NULL, doubted_at = ?2, look_at = ?2, looks = 0,
  error_class = ?3, error_text = ?4
WHERE id = ?1 AND lease_expires_at IS NOT NULL AND lease_expires_at <= ?2

-- outbox_look_due
SELECT look_at, id FROM leasehold_notification INDEXED BY leasehold_notification_look
WHERE channel = ?1 AND look_at IS NOT NULL AND look_at <= ?2 ORDER BY look_at, id LIMIT ?3

-- outbox_look
UPDATE leasehold_notification SET look_at = ?2, looks = min(looks + 1, 65535) WHERE id = ?1

-- outbox_decide
UPDATE leasehold_notification
SET state = ?2, look_at = NULL, looks = 0, attempt = CASE WHEN ?4 THEN 0 ELSE attempt END,
  perhaps_taken = perhaps_taken AND ?5,
  run_at = CASE WHEN ?2 = 0 THEN ?3 ELSE run_at END,
  notified_at = CASE WHEN ?2 = 4 THEN ?3 ELSE notified_at END
WHERE id = ?1

-- outbox_redirect
-- Another recipient is another message to the provider: it was never attempted.
UPDATE leasehold_notification
SET redirected_to = ?2, provider_key = ?3, first_attempt_at = NULL
WHERE id = ?1

-- outbox_one
SELECT id, job, channel, purpose, subject, recipient, revision, redirected_to, state, schema_version,
  content_type, message, digest, provider_key, fence, attempt, run_at, phase, lease_expires_at,
  provider_id, notified_at, error_class, error_text, created_at, first_attempt_at, perhaps_taken,
  doubted_at,
  look_at, looks
FROM leasehold_notification WHERE id = ?1

-- outbox_page
SELECT id, job, channel, purpose, subject, recipient, revision, redirected_to, state, schema_version,
  content_type, message, digest, provider_key, fence, attempt, run_at, phase, lease_expires_at,
  provider_id, notified_at, error_class, error_text, created_at, first_attempt_at, perhaps_taken,
  doubted_at,
  look_at, looks
FROM leasehold_notification WHERE state = ?1 AND id > ?2 ORDER BY id LIMIT ?3
