-- What finding dead letters needs.
ALTER TABLE leasehold.dead_letter ADD COLUMN reason text COLLATE "C";

-- Each goes on by the time of death, and then by the job.
CREATE INDEX dead_letter_age ON leasehold.dead_letter (died_at, id);
CREATE INDEX dead_letter_state ON leasehold.dead_letter (letter_state, died_at, id);
CREATE INDEX dead_letter_queue ON leasehold.dead_letter (queue, died_at, id);
CREATE INDEX dead_letter_kind ON leasehold.dead_letter (kind, died_at, id);
CREATE INDEX dead_letter_error_class ON leasehold.dead_letter (error_class, died_at, id);
CREATE INDEX dead_letter_tenant ON leasehold.dead_letter (tenant, died_at, id) WHERE tenant IS NOT NULL;
CREATE INDEX dead_letter_stage ON leasehold.dead_letter (coalesce(stage, 'run'), died_at, id);
CREATE INDEX dead_letter_reason ON leasehold.dead_letter (reason, died_at, id) WHERE reason IS NOT NULL;
