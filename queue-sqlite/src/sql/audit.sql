-- audit_head
SELECT seq, hash FROM leasehold_audit ORDER BY seq DESC LIMIT 1

-- audit_insert
INSERT INTO leasehold_audit (seq, at, actor, reason, action, target, detail, previous, hash)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)

-- audit_page
SELECT seq, at, actor, reason, action, target, detail, previous, hash
FROM leasehold_audit WHERE seq > ?1 ORDER BY seq LIMIT ?2
