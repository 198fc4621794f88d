-- suppression_put
INSERT INTO leasehold_suppression (channel, recipient, reason, origin, evidence, created_at, expires_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (channel, recipient) DO UPDATE
SET reason = excluded.reason, origin = excluded.origin, evidence = excluded.evidence,
  created_at = excluded.created_at, expires_at = excluded.expires_at

-- suppression_remove
DELETE FROM leasehold_suppression WHERE channel = ?1 AND recipient = ?2

-- suppression_of
SELECT id, channel, recipient, reason, origin, evidence, created_at, expires_at
FROM leasehold_suppression
WHERE channel = ?1 AND recipient = ?2 AND (expires_at IS NULL OR expires_at > ?3)

-- suppression_page
SELECT id, channel, recipient, reason, origin, evidence, created_at, expires_at
FROM leasehold_suppression WHERE id > ?1 AND (?2 IS NULL OR channel = ?2) ORDER BY id LIMIT ?3
