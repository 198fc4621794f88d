-- incident_create
-- The first signal makes the row, so that there is one to lock; without a document it is none yet.
INSERT INTO leasehold.incident (key, open, version, document)
SELECT key, false, 0, '' FROM unnest($1::text[]) AS new (key) ON CONFLICT (key) DO NOTHING

-- incident_lock
-- After all other rows but those of notifications that are new, and in one order.
SELECT document FROM leasehold.incident WHERE key = ANY ($1) ORDER BY key FOR UPDATE

-- incident_put
UPDATE leasehold.incident AS row
SET open = new.open, version = new.version, document = new.document
FROM unnest($1::text[], $2::boolean[], $3::bigint[], $4::text[]) AS new (key, open, version, document)
WHERE row.key = new.key

-- incident_open
SELECT key, document FROM leasehold.incident WHERE open AND key > $1 ORDER BY key LIMIT $2
