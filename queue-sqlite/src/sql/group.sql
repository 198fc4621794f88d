-- group_begin
BEGIN IMMEDIATE

-- group_commit
COMMIT

-- group_rollback
ROLLBACK

-- group_savepoint
SAVEPOINT request

-- group_release
RELEASE request

-- group_undo
ROLLBACK TO request

-- group_read
BEGIN DEFERRED
