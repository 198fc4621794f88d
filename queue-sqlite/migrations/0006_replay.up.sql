-- What finding dead letters needs. Only syntax that SQLite 3.37 reads.

-- What letters are looked for by, beside the letter: an index has the columns of one table. The text is
-- that of the last death, while the job's own may be of an attempt since.
ALTER TABLE leasehold_dead_letter ADD COLUMN queue TEXT NOT NULL DEFAULT '';
ALTER TABLE leasehold_dead_letter ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE leasehold_dead_letter ADD COLUMN tenant TEXT;
ALTER TABLE leasehold_dead_letter ADD COLUMN stage TEXT NOT NULL DEFAULT 'run';
ALTER TABLE leasehold_dead_letter ADD COLUMN reason TEXT;
ALTER TABLE leasehold_dead_letter ADD COLUMN error_text TEXT NOT NULL DEFAULT '';

UPDATE leasehold_dead_letter SET queue = b.queue, kind = b.kind, tenant = b.tenant
FROM leasehold_body AS b WHERE b.id = leasehold_dead_letter.id;
UPDATE leasehold_dead_letter SET stage = coalesce(p.stage, 'run'), error_text = coalesce(p.error_text, '')
FROM leasehold_progress AS p WHERE p.job = leasehold_dead_letter.id;

-- Each goes on by the time of death, and then by the job, which every index ends with.
DROP INDEX leasehold_dead_letter_state;
CREATE INDEX leasehold_dead_letter_state ON leasehold_dead_letter (letter_state, died_at);
CREATE INDEX leasehold_dead_letter_queue ON leasehold_dead_letter (queue, died_at);
CREATE INDEX leasehold_dead_letter_kind ON leasehold_dead_letter (kind, died_at);
CREATE INDEX leasehold_dead_letter_error_class ON leasehold_dead_letter (error_class, died_at);
CREATE INDEX leasehold_dead_letter_tenant ON leasehold_dead_letter (tenant, died_at)
  WHERE tenant IS NOT NULL;
CREATE INDEX leasehold_dead_letter_stage ON leasehold_dead_letter (stage, died_at);
CREATE INDEX leasehold_dead_letter_reason ON leasehold_dead_letter (reason, died_at)
  WHERE reason IS NOT NULL;
CREATE INDEX leasehold_dead_letter_age ON leasehold_dead_letter (died_at);
