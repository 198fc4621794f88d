DROP TABLE leasehold_replay_item;
DROP TABLE leasehold_replay_run;
DROP INDEX leasehold_key_job;
DROP INDEX leasehold_dead_letter_age;
DROP INDEX leasehold_dead_letter_reason;
DROP INDEX leasehold_dead_letter_stage;
DROP INDEX leasehold_dead_letter_tenant;
DROP INDEX leasehold_dead_letter_error_class;
DROP INDEX leasehold_dead_letter_kind;
DROP INDEX leasehold_dead_letter_queue;
DROP INDEX leasehold_dead_letter_state;
CREATE INDEX leasehold_dead_letter_state ON leasehold_dead_letter (letter_state);

DROP TABLE leasehold_original;

ALTER TABLE leasehold_dead_letter DROP COLUMN note;
ALTER TABLE leasehold_dead_letter DROP COLUMN error_text;
ALTER TABLE leasehold_dead_letter DROP COLUMN reason;
ALTER TABLE leasehold_dead_letter DROP COLUMN stage;
ALTER TABLE leasehold_dead_letter DROP COLUMN tenant;
ALTER TABLE leasehold_dead_letter DROP COLUMN kind;
ALTER TABLE leasehold_dead_letter DROP COLUMN queue;
