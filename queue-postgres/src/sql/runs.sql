-- runs_facts
-- Of jobs that have letters, by number.
SELECT id,
    (SELECT true FROM leasehold.idempotency_key AS known WHERE known.job = letter.id LIMIT 1) IS NOT NULL,
    (SELECT revision FROM leasehold.subject AS known
     WHERE known.kind = letter.kind AND known.subject = letter.subject
        AND known.revision >= letter.revision AND known.job <> letter.id)
FROM leasehold.dead_letter AS letter WHERE id = ANY ($1) ORDER BY id

-- runs_create
INSERT INTO leasehold.replay_run (plan, state, letters, from_start, settings, actor, reason, begun_at,
    holder, held_until, fence)
VALUES ($1, 0, $2, $3, $4, $5, $6, $7, $8, $9, 1) ON CONFLICT (plan) DO NOTHING RETURNING id

-- runs_take_over
UPDATE leasehold.replay_run
SET state = 0, fence = fence + 1, ended_at = NULL, note = NULL, holder = $2, held_until = $3,
    settings = $4
WHERE id = $1

-- runs_renew
UPDATE leasehold.replay_run SET held_until = $2 WHERE id = $1

-- runs_end
UPDATE leasehold.replay_run
SET state = $2, ended_at = $3, note = $4, holder = NULL, held_until = NULL WHERE id = $1

-- runs_lock_of
-- Before the rows of letters: whoever applies the same plan waits here.
SELECT id, plan, state, letters, from_start, settings, actor, reason, begun_at, ended_at, note, holder,
    held_until, fence
FROM leasehold.replay_run WHERE plan = $1 FOR UPDATE

-- runs_lock
SELECT id, plan, state, letters, from_start, settings, actor, reason, begun_at, ended_at, note, holder,
    held_until, fence
FROM leasehold.replay_run WHERE id = $1 FOR UPDATE

-- runs_of
SELECT id, plan, state, letters, from_start, settings, actor, reason, begun_at, ended_at, note, holder,
    held_until, fence
FROM leasehold.replay_run WHERE plan = $1

-- runs_page
SELECT id, plan, state, letters, from_start, settings, actor, reason, begun_at, ended_at, note, holder,
    held_until, fence
FROM leasehold.replay_run WHERE id > $1 ORDER BY id LIMIT $2

-- runs_counts
SELECT run, outcome, count(*) FROM leasehold.replay_item WHERE run = ANY ($1) GROUP BY run, outcome

-- runs_known
SELECT job, outcome FROM leasehold.replay_item WHERE run = $1 AND job = ANY ($2)

-- runs_put_items
INSERT INTO leasehold.replay_item (run, job, version, at, outcome)
SELECT $1, job, version, $2, outcome
FROM unnest($3::bigint[], $4::bigint[], $5::smallint[]) AS new (job, version, outcome)

-- runs_items
SELECT job, version, at, outcome FROM leasehold.replay_item
WHERE run = $1 AND job > $2 ORDER BY job LIMIT $3

-- runs_note
-- A replayed job came to an end.
UPDATE leasehold.replay_item SET outcome = $2 WHERE job = $1 AND outcome = 0
