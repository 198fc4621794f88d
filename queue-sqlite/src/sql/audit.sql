-- audit_head
-- Of a trail that was archived to its end, the end of the archive.
SELECT max(seq), hash FROM (
  SELECT * FROM (SELECT seq, hash FROM leasehold_audit ORDER BY seq DESC LIMIT 1)
  UNION ALL
  SELECT * FROM (SELECT seq, hash FROM leasehold_audit_checkpoint ORDER BY seq DESC LIMIT 1))
HAVING max(seq) IS NOT NULL

-- audit_last
-- As audit_head, in a schema without archives.
SELECT seq, hash FROM leasehold_audit ORDER BY seq DESC LIMIT 1

-- audit_insert
INSERT INTO leasehold_audit (seq, at, actor, reason, action, target, detail, previous, hash)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)

-- audit_up
-- Also for the other columns that lead, in place of the target.
SELECT seq, at, actor, reason, action, target, detail, previous, hash
FROM leasehold_audit WHERE target = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3

-- audit_down
SELECT seq, at, actor, reason, action, target, detail, previous, hash
FROM leasehold_audit WHERE target = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3
