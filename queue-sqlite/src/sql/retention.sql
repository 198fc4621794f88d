-- retention_all
SELECT sort, queue, kept_for FROM leasehold_retention ORDER BY sort, queue

-- retention_put
INSERT INTO leasehold_retention (sort, queue, kept_for) VALUES (?1, ?2, ?3)
ON CONFLICT (sort, queue) DO UPDATE SET kept_for = excluded.kept_for

-- retention_drop
DELETE FROM leasehold_retention WHERE sort = ?1 AND queue = ?2
