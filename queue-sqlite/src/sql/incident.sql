-- incident_one
SELECT document FROM leasehold_incident WHERE key = ?1

-- incident_put
INSERT INTO leasehold_incident (key, open, version, document) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (key) DO UPDATE
SET open = excluded.open, version = excluded.version, document = excluded.document

-- incident_open
SELECT key, document FROM leasehold_incident INDEXED BY leasehold_incident_open
WHERE open AND key > ?1 ORDER BY key LIMIT ?2
