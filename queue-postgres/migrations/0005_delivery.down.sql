DROP VIEW leasehold.notifications;
DROP TABLE leasehold.incident, leasehold.channel, leasehold.suppression, leasehold.delivery_event;
ALTER TABLE leasehold.notification
    DROP COLUMN digest,
    DROP COLUMN redirected_to,
    DROP COLUMN first_attempt_at,
    DROP COLUMN perhaps_taken,
    DROP COLUMN doubted_at,
    DROP COLUMN look_at,
    DROP COLUMN looks;

CREATE VIEW leasehold.notifications AS
SELECT id, CASE state WHEN 0 THEN 'pending' WHEN 1 THEN 'sending' WHEN 2 THEN 'in_doubt'
        WHEN 3 THEN 'failed' WHEN 4 THEN 'sent' ELSE 'waived' END AS state,
    job, channel, purpose, subject, recipient, revision, attempt,
    CASE phase WHEN 0 THEN 'leased' WHEN 1 THEN 'connecting' ELSE 'committing' END AS phase,
    run_at, created_at, notified_at,
    leasehold.provider_key(channel, purpose, subject, recipient, revision::text) AS provider_key,
    provider_id, error_class, error_text
FROM leasehold.notification;
