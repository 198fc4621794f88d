DROP TABLE leasehold.replay_item, leasehold.replay_run;
DROP INDEX leasehold.idempotency_key_job;
DROP TABLE leasehold.original_payload;
DROP INDEX leasehold.dead_letter_age, leasehold.dead_letter_state, leasehold.dead_letter_queue,
    leasehold.dead_letter_kind, leasehold.dead_letter_error_class, leasehold.dead_letter_tenant,
    leasehold.dead_letter_stage, leasehold.dead_letter_reason;
ALTER TABLE leasehold.dead_letter DROP COLUMN reason, DROP COLUMN note;
