-- channel_all
SELECT name, paused, actor, reason, since FROM leasehold.channel ORDER BY name

-- channel_pause
INSERT INTO leasehold.channel AS known (name, paused, actor, reason, since) VALUES ($1, true, $2, $3, $4)
ON CONFLICT (name) DO UPDATE
SET paused = true, actor = excluded.actor, reason = excluded.reason, since = excluded.since
WHERE NOT known.paused

-- channel_resume
-- One that was never paused has no row, and gets none.
UPDATE leasehold.channel SET paused = false, actor = $2, reason = $3, since = $4
WHERE name = $1 AND paused
