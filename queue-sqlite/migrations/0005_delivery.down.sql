DROP VIEW leasehold_notifications;
DROP TABLE leasehold_incident;
DROP TABLE leasehold_channel;
DROP TABLE leasehold_suppression;
DROP TABLE leasehold_delivery_event;
DROP INDEX leasehold_notification_doubt;
DROP INDEX leasehold_notification_look;
ALTER TABLE leasehold_notification DROP COLUMN looks;
ALTER TABLE leasehold_notification DROP COLUMN look_at;
ALTER TABLE leasehold_notification DROP COLUMN doubted_at;
ALTER TABLE leasehold_notification DROP COLUMN perhaps_taken;
ALTER TABLE leasehold_notification DROP COLUMN first_attempt_at;
ALTER TABLE leasehold_notification DROP COLUMN redirected_to;
ALTER TABLE leasehold_notification DROP COLUMN digest;

CREATE VIEW leasehold_notifications AS
SELECT id, CASE state WHEN 0 THEN 'pending' WHEN 1 THEN 'sending' WHEN 2 THEN 'in_doubt'
    WHEN 3 THEN 'failed' WHEN 4 THEN 'sent' ELSE 'waived' END AS state,
  job, channel, purpose, subject, recipient, revision, attempt,
  CASE phase WHEN 0 THEN 'leased' WHEN 1 THEN 'connecting' ELSE 'committing' END AS phase,
  strftime('%Y-%m-%dT%H:%M:%fZ', run_at / 1000000.0, 'unixepoch') AS run_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', created_at / 1000000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', notified_at / 1000000.0, 'unixepoch') AS notified_at,
  provider_key, provider_id, error_class, error_text
FROM leasehold_notification;
