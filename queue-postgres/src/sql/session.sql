-- session_now
SELECT coalesce($1, statement_timestamp())
