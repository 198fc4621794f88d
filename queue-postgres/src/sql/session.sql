-- session_now
SELECT coalesce($1, statement_timestamp())

-- session_within
-- The time, and what a transaction of somebody else's is asked before it is worked in.
SELECT coalesce($1, statement_timestamp()), (SELECT store_id FROM leasehold.meta),
    current_setting('transaction_isolation')
