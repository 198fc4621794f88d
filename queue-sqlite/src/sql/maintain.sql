-- maintain_ended
-- Here and below: those stepped over are the first along the index, which is in the order of rows where the
-- times are the same.
SELECT id FROM leasehold_history INDEXED BY leasehold_history_finished
WHERE finished_at <= ?1 ORDER BY finished_at LIMIT ?2 OFFSET ?3

-- maintain_drop_history
DELETE FROM leasehold_history WHERE id = ?1

-- maintain_drop_body
-- Once the job is nowhere and no letter remembers it.
DELETE FROM leasehold_body WHERE id = ?1
  AND NOT EXISTS (SELECT 1 FROM leasehold_job WHERE id = ?1)
  AND NOT EXISTS (SELECT 1 FROM leasehold_history WHERE id = ?1)
  AND NOT EXISTS (SELECT 1 FROM leasehold_dead_letter WHERE id = ?1)

-- maintain_drop_progress
DELETE FROM leasehold_progress WHERE job = ?1

-- maintain_keys
-- Keys whose time is up but that their job still holds are stepped over, however many they are: with
-- a bound on it, that many would keep all later ones for ever. One costs 0.7 µs.
DELETE FROM leasehold_key WHERE (kind, key) IN (
  SELECT kind, key FROM leasehold_key AS k INDEXED BY leasehold_key_expires
  WHERE expires_at <= ?1
    AND NOT EXISTS (SELECT 1 FROM leasehold_job WHERE id = k.job)
    AND NOT EXISTS (SELECT 1 FROM leasehold_dead_letter WHERE id = k.job AND letter_state <= 2)
  ORDER BY expires_at LIMIT ?2 OFFSET ?3)

-- maintain_cap_keys
UPDATE leasehold_key SET expires_at = ?1 WHERE (kind, key) IN (
  SELECT kind, key FROM leasehold_key INDEXED BY leasehold_key_expires
  WHERE expires_at > ?1 LIMIT ?2)

-- maintain_notifications
-- What a job waits for is not settled, and never removed.
DELETE FROM leasehold_notification WHERE id IN (
  SELECT id FROM leasehold_notification AS n INDEXED BY leasehold_notification_settled
  WHERE state >= 4 AND created_at <= ?1
    AND NOT EXISTS (SELECT 1 FROM leasehold_requirement WHERE notification = n.id)
  ORDER BY created_at LIMIT ?2 OFFSET ?3)
RETURNING id

-- maintain_drop_events
DELETE FROM leasehold_delivery_event WHERE notification = ?1

-- maintain_closed_queues
-- From one queue to the next along the index, however many letters it has.
WITH RECURSIVE closed (letter_state, queue) AS (
  SELECT ?1, (SELECT min(queue) FROM leasehold_dead_letter INDEXED BY leasehold_dead_letter_closed
    WHERE letter_state >= 3 AND letter_state = ?1)
  UNION ALL
  SELECT ?1, (SELECT min(queue) FROM leasehold_dead_letter INDEXED BY leasehold_dead_letter_closed
    WHERE letter_state >= 3 AND letter_state = ?1 AND queue > closed.queue)
  FROM closed WHERE closed.queue IS NOT NULL)
SELECT queue FROM closed WHERE queue IS NOT NULL

-- maintain_closed_letters
SELECT id, holds_job FROM leasehold_dead_letter INDEXED BY leasehold_dead_letter_closed
WHERE letter_state >= 3 AND letter_state = ?1 AND queue = ?2 AND changed_at <= ?3
ORDER BY changed_at LIMIT ?4 OFFSET ?5

-- maintain_drop_letter
DELETE FROM leasehold_dead_letter WHERE id = ?1

-- maintain_drop_evidence
DELETE FROM leasehold_evidence WHERE job = ?1

-- maintain_drop_original
DELETE FROM leasehold_original WHERE job = ?1

-- maintain_subjects
DELETE FROM leasehold_subject WHERE (kind, subject) IN (
  SELECT kind, subject FROM leasehold_subject INDEXED BY leasehold_subject_succeeded
  WHERE succeeded_at <= ?1 ORDER BY succeeded_at LIMIT ?2 OFFSET ?3)

-- maintain_over_runs
-- One whose jobs still run is not over.
SELECT id FROM leasehold_replay_run AS r INDEXED BY leasehold_replay_run_ended
WHERE state > 0 AND ended_at IS NOT NULL AND ended_at <= ?1
  AND NOT EXISTS (SELECT 1 FROM leasehold_replay_item WHERE run = r.id AND outcome = 0)
ORDER BY ended_at LIMIT ?2 OFFSET ?3

-- maintain_items
DELETE FROM leasehold_replay_item WHERE run = ?1 AND job IN (
  SELECT job FROM leasehold_replay_item WHERE run = ?1 LIMIT ?2)

-- maintain_drop_run
DELETE FROM leasehold_replay_run WHERE id = ?1
  AND NOT EXISTS (SELECT 1 FROM leasehold_replay_item WHERE run = ?1)

-- maintain_suppressions
DELETE FROM leasehold_suppression WHERE id IN (
  SELECT id FROM leasehold_suppression INDEXED BY leasehold_suppression_over
  WHERE expires_at IS NOT NULL AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2 OFFSET ?3)
