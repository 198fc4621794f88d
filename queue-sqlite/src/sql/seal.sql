-- seal_newest
SELECT seq, hash, at, key, signature, archive
FROM leasehold_audit_checkpoint ORDER BY seq DESC LIMIT 1

-- seal_record
SELECT 1 FROM leasehold_audit WHERE seq = ?1 AND hash = ?2

-- seal_put
INSERT INTO leasehold_audit_checkpoint (seq, hash, at, key, signature, archive)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)

-- seal_shorten
DELETE FROM leasehold_audit WHERE seq IN (
  SELECT seq FROM leasehold_audit
  WHERE seq <= (SELECT max(seq) FROM leasehold_audit_checkpoint) ORDER BY seq LIMIT ?1)
