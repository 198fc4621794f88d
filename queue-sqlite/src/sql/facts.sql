-- facts_wal
-- Counts, and writes nothing into the file.
PRAGMA wal_checkpoint(NOOP)

-- facts_mark
SELECT clock FROM leasehold_meta WHERE one = 1

-- facts_quick
PRAGMA quick_check(10)

-- facts_deep
PRAGMA integrity_check(10)

-- facts_try
-- Whether the lock of writers is free: taken, and given back.
BEGIN IMMEDIATE
