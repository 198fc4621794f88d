-- audit_lock
-- The head of the chain: held until the commit, so that numbers have no gaps.
SELECT pg_advisory_xact_lock(hashtextextended('leasehold.audit', 0))::text

-- audit_head
-- Of a trail that was archived to its end, the end of the archive.
(SELECT seq, hash FROM leasehold.audit ORDER BY seq DESC LIMIT 1)
UNION ALL
(SELECT seq, hash FROM leasehold.audit_checkpoint ORDER BY seq DESC LIMIT 1)
ORDER BY seq DESC LIMIT 1

-- audit_last
-- As audit_head, in a schema without archives.
SELECT seq, hash FROM leasehold.audit ORDER BY seq DESC LIMIT 1

-- audit_add
INSERT INTO leasehold.audit (seq, at, actor, reason, action, target, detail, previous, hash)
SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::text[], $8::text[], $9::text[])

-- audit_up
-- Also for the other columns that lead, in place of the target.
SELECT seq, at, actor, reason, action, target, detail, previous, hash
FROM leasehold.audit WHERE target = $1 AND seq > $2 ORDER BY seq LIMIT $3

-- audit_down
SELECT seq, at, actor, reason, action, target, detail, previous, hash
FROM leasehold.audit WHERE target = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3
