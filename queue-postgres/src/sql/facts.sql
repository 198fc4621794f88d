-- facts_server
-- What a session of ours gets, and what its role may see. Everything in this file gives JSON, a row each.
SELECT row_to_json(facts)::text FROM (SELECT
    current_setting('server_version_num')::int AS version,
    current_setting('server_version') AS server,
    pg_is_in_recovery() AS standby,
    current_setting('transaction_read_only')::bool AS read_only,
    current_setting('synchronous_commit') AS synchronous_commit,
    current_setting('fsync')::bool AS fsync,
    current_setting('full_page_writes')::bool AS full_page_writes,
    current_setting('wal_level') AS wal_level,
    current_setting('synchronous_standby_names') AS synchronous_standby_names,
    current_setting('autovacuum')::bool AND current_setting('track_counts')::bool AS autovacuum,
    current_setting('data_checksums')::bool AS data_checksums,
    current_database()::text AS database,
    current_user::text AS role,
    rolsuper AS superuser,
    pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_statistics,
    (SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()) AS xid_age,
    (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) IS TRUE AS encrypted,
    greatest(0, least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0)
            - (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL),
        nullif(rolconnlimit, -1) - (SELECT count(*) FROM pg_stat_activity WHERE usesysid = mine.oid),
        (SELECT nullif(datconnlimit, -1) - numbackends FROM pg_stat_database AS busy
            JOIN pg_database AS this ON this.oid = busy.datid WHERE this.datname = current_database())
    )) AS connections_left
    FROM pg_roles AS mine WHERE rolname = current_user
) AS facts

-- facts_probe
-- What a session gets that asked for nothing but its mark. Its name is in two parts, so that it is not taken
-- for a table of the schema.
SELECT row_to_json(facts)::text FROM (SELECT
    coalesce(current_setting('leasehold' || '.listener', true) = 'on', false) AS own,
    pg_backend_pid() AS pid,
    extract(epoch FROM current_setting('idle_in_transaction_session_timeout')::interval)::float8
        AS idle_in_transaction_seconds
) AS facts

-- facts_clock
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text

-- facts_standbys
-- Without the right to read statistics all of them are there, and their states are not.
SELECT row_to_json(facts)::text FROM (SELECT
    count(*) AS connected,
    count(*) FILTER (WHERE state = 'streaming') AS streaming,
    count(*) FILTER (WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')) AS synchronous
    FROM pg_stat_replication
) AS facts

-- facts_horizon
-- Who keeps row versions from being removed that nobody needs any more, the oldest first. Snapshots in
-- other databases do not.
SELECT row_to_json(holder)::text FROM (
    SELECT 'session' AS kind, pid::text AS name, application_name AS application, state,
        greatest(age(backend_xmin), age(backend_xid)) AS transactions,
        extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
    FROM pg_stat_activity
    WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) AND pid <> pg_backend_pid()
        AND (datname = current_database() OR datid IS NULL)
    UNION ALL
    SELECT 'prepared transaction', gid, NULL, NULL, age(transaction),
        extract(epoch FROM clock_timestamp() - prepared)::float8
    FROM pg_prepared_xacts WHERE database = current_database()
    UNION ALL
    SELECT 'replication slot', slot_name, NULL, CASE WHEN active THEN 'active' ELSE 'inactive' END,
        age(xmin), NULL
    FROM pg_replication_slots WHERE xmin IS NOT NULL
) AS holder ORDER BY transactions DESC, seconds DESC NULLS LAST LIMIT 5

-- facts_tables
-- Our tables, without the days of the history: what is set for them, what is dead in them, and what the
-- role may not. The audit trail is only added to, and the list of migrations only read.
SELECT row_to_json(facts)::text FROM (
    SELECT ours.relname::text AS name,
        coalesce(reloptions && ARRAY['autovacuum_enabled=false', 'autovacuum_enabled=off',
            'autovacuum_enabled=0', 'autovacuum_enabled=no'], false) AS unvacuumed,
        coalesce(n_live_tup, 0) AS live, coalesce(n_dead_tup, 0) AS dead,
        pg_has_role(current_user, relowner, 'USAGE') AS owned,
        array(SELECT wanted FROM unnest(CASE ours.relname WHEN 'schema_migration' THEN ARRAY['SELECT']
                WHEN 'audit' THEN ARRAY['SELECT', 'INSERT']
                ELSE ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'] END) AS wanted
            WHERE NOT has_table_privilege(ours.oid, wanted)) AS missing
    FROM pg_class AS ours LEFT JOIN pg_stat_all_tables ON relid = ours.oid
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = (
        SELECT relnamespace FROM pg_class WHERE oid = to_regclass('leasehold.schema_migration'))
    ORDER BY ours.relname
) AS facts

-- facts_days
-- How many of the next days finished jobs have no partition for, and how many jobs missed theirs.
SELECT row_to_json(facts)::text FROM (SELECT
    (SELECT count(*) FROM generate_series(0, 2) AS ahead
        WHERE to_regclass('leasehold.history_' || to_char(
            statement_timestamp() AT TIME ZONE 'UTC' + ahead * interval '1 day', 'YYYYMMDD')) IS NULL
    ) AS missing,
    (SELECT count(*) FROM (SELECT FROM leasehold.history_default ORDER BY finished_at LIMIT 1000) AS few) AS astray
) AS facts

-- facts_pulse
-- A look at as many rows as there are sessions, and at no table of ours but the list of migrations.
SELECT row_to_json(pulse)::text FROM (SELECT
    pg_is_in_recovery() AS standby,
    current_setting('default_transaction_read_only')::bool AS read_only,
    (SELECT max(version) FROM leasehold.schema_migration) AS schema,
    (SELECT greatest(
        (SELECT max(extract(epoch FROM clock_timestamp() - xact_start)) FROM pg_stat_activity
            WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) AND pid <> pg_backend_pid()
                AND (datname = current_database() OR datid IS NULL)),
        (SELECT max(extract(epoch FROM clock_timestamp() - prepared)) FROM pg_prepared_xacts
            WHERE database = current_database())
    ))::float8 AS horizon_seconds,
    (SELECT greatest(
        (SELECT max(greatest(age(backend_xmin), age(backend_xid))) FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND (datname = current_database() OR datid IS NULL)),
        (SELECT max(age(transaction)) FROM pg_prepared_xacts WHERE database = current_database()),
        (SELECT max(age(xmin)) FROM pg_replication_slots)
    )) AS horizon_transactions
) AS pulse
