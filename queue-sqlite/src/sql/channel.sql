-- channel_all
SELECT name, paused, actor, reason, since FROM leasehold_channel ORDER BY name

-- channel_is_paused
SELECT 1 FROM leasehold_channel WHERE name = ?1 AND paused

-- channel_pause
INSERT INTO leasehold_channel (name, paused, actor, reason, since) VALUES (?1, 1, ?2, ?3, ?4)
ON CONFLICT (name) DO UPDATE
SET paused = 1, actor = excluded.actor, reason = excluded.reason, since = excluded.since
WHERE NOT paused

-- channel_resume
-- One that was never paused has no row, and gets none.
UPDATE leasehold_channel SET paused = 0, actor = ?2, reason = ?3, since = ?4 WHERE name = ?1 AND paused
