-- seal_newest
SELECT seq, hash, at, key, signature, archive
FROM leasehold.audit_checkpoint ORDER BY seq DESC LIMIT 1

-- seal_record
SELECT seq FROM leasehold.audit WHERE seq = $1 AND hash = $2

-- seal_put
INSERT INTO leasehold.audit_checkpoint (seq, hash, at, key, signature, archive)
VALUES ($1, $2, $3, $4, $5, $6)

-- seal_shorten
DELETE FROM leasehold.audit WHERE seq = ANY (ARRAY(
    SELECT seq FROM leasehold.audit
    WHERE seq <= (SELECT max(seq) FROM leasehold.audit_checkpoint)
    ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED
))
