-- runs_facts
-- Of jobs that have letters, named as JSON, in the order given.
SELECT d.id, EXISTS (SELECT 1 FROM leasehold_key k WHERE k.job = d.id),
  (SELECT s.revision FROM leasehold_subject s
   WHERE s.kind = b.kind AND s.subject = b.subject AND s.revision >= b.revision AND s.job <> d.id)
FROM json_each(?1) AS named CROSS JOIN leasehold_dead_letter d ON d.id = named.value
CROSS JOIN leasehold_body b ON b.id = d.id

-- runs_create
INSERT INTO leasehold_replay_run (plan, state, letters, from_start, settings, actor, reason, begun_at,
  holder, held_until, fence)
VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1) RETURNING id

-- runs_take_over
UPDATE leasehold_replay_run
SET state = 0, fence = fence + 1, ended_at = NULL, note = NULL, holder = ?2, held_until = ?3,
  settings = ?4
WHERE id = ?1

-- runs_renew
UPDATE leasehold_replay_run SET held_until = ?2 WHERE id = ?1

-- runs_end
UPDATE leasehold_replay_run
SET state = ?2, ended_at = ?3, note = ?4, holder = NULL, held_until = NULL WHERE id = ?1

-- runs_of
SELECT id, plan, state, letters, from_start, settings, actor, reason, begun_at, ended_at, note, holder,
  held_until, fence
FROM leasehold_replay_run WHERE plan = ?1

-- runs_one
SELECT id, plan, state, letters, from_start, settings, actor, reason, begun_at, ended_at, note, holder,
  held_until, fence
FROM leasehold_replay_run WHERE id = ?1

-- runs_page
SELECT id, plan, state, letters, from_start, settings, actor, reason, begun_at, ended_at, note, holder,
  held_until, fence
FROM leasehold_replay_run WHERE id > ?1 ORDER BY id LIMIT ?2

-- runs_counts
SELECT outcome, count(*) FROM leasehold_replay_item WHERE run = ?1 GROUP BY outcome

-- runs_item
SELECT outcome FROM leasehold_replay_item WHERE run = ?1 AND job = ?2

-- runs_put_item
INSERT INTO leasehold_replay_item (run, job, version, at, outcome) VALUES (?1, ?2, ?3, ?4, ?5)

-- runs_items
SELECT job, version, at, outcome FROM leasehold_replay_item
WHERE run = ?1 AND job > ?2 ORDER BY job LIMIT ?3

-- runs_note
-- A replayed job came to an end.
UPDATE leasehold_replay_item SET outcome = ?2 WHERE job = ?1 AND outcome = 0
