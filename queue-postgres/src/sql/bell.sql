-- bell_notify
-- Only while somebody else listens, unless that is known. A hint need not survive a crash: the commit does not wait.
SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2::integer::text)::text
WHERE $3 OR EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND pid <> $2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (classid::bigint << 32 | objid::bigint) = hashtextextended('leasehold.listening', 0)
)
