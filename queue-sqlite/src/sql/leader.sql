-- leader_bid
-- Nothing is returned where another holds the role.
INSERT INTO leasehold_leader AS held (role, holder, since, expires_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (role) DO UPDATE
SET holder = excluded.holder, expires_at = excluded.expires_at,
  since = CASE WHEN held.holder = excluded.holder THEN held.since ELSE excluded.since END
WHERE held.holder = excluded.holder OR held.expires_at <= excluded.since
RETURNING holder, since, expires_at

-- leader_read
SELECT holder, since, expires_at FROM leasehold_leader WHERE role = ?1

-- leader_resign
DELETE FROM leasehold_leader WHERE role = ?1 AND holder = ?2
