-- suppression_put
-- In one order, and each once, so that two who put the same wait for each other only one way round.
INSERT INTO leasehold.suppression (channel, recipient, reason, origin, evidence, created_at, expires_at)
SELECT new.channel, new.recipient, new.reason, new.origin, new.evidence, $1, new.expires_at
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[]) WITH ORDINALITY
    AS new (channel, recipient, reason, origin, evidence, expires_at, n)
ORDER BY new.n
ON CONFLICT ON CONSTRAINT suppression_recipient DO UPDATE
SET reason = excluded.reason, origin = excluded.origin, evidence = excluded.evidence,
    created_at = excluded.created_at, expires_at = excluded.expires_at

-- suppression_remove
DELETE FROM leasehold.suppression WHERE channel = $1 AND recipient = $2

-- suppression_of
SELECT id, channel, recipient, reason, origin, evidence, created_at, expires_at
FROM leasehold.suppression
WHERE channel = $1 AND recipient = ANY ($2)
    AND (expires_at IS NULL OR expires_at > coalesce($3, statement_timestamp()))

-- suppression_page
SELECT id, channel, recipient, reason, origin, evidence, created_at, expires_at
FROM leasehold.suppression WHERE id > $1 AND ($2::text IS NULL OR channel = $2) ORDER BY id LIMIT $3
