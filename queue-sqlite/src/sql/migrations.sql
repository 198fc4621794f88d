-- migrations_exists
SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'leasehold_migration'

-- migrations_foreign
-- A table or view under one of our names that no migration of ours made.
SELECT name FROM sqlite_schema
WHERE type IN ('table', 'view') AND substr(name, 1, 10) = 'leasehold_' AND (
  name <> 'leasehold_migration' AND NOT ?1
  OR name = 'leasehold_migration'
    AND NOT EXISTS (SELECT 1 FROM pragma_table_info('leasehold_migration') WHERE name = 'checksum'))

-- migrations_create
CREATE TABLE leasehold_migration (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT

-- migrations_applied
SELECT version, checksum FROM leasehold_migration ORDER BY version

-- migrations_record
INSERT INTO leasehold_migration (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)

-- migrations_forget
DELETE FROM leasehold_migration WHERE version = ?1

-- migrations_drop
DROP TABLE leasehold_migration
