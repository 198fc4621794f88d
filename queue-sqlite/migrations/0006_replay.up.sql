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

-- How a letter ended, in words.
ALTER TABLE leasehold_dead_letter ADD COLUMN note TEXT;

-- What jobs were enqueued with that an operator has given another payload.
CREATE TABLE leasehold_original (
  job INTEGER PRIMARY KEY,
  schema_version INTEGER NOT NULL,
  content_type TEXT,         -- NULL is application/json
  payload BLOB NOT NULL
) STRICT;

-- Whether a job was enqueued under a key, asked of the job.
CREATE INDEX leasehold_key_job ON leasehold_key (job);

-- Plans being applied, one run for each. state: 0 running, 1 stopped, 2 finished.
CREATE TABLE leasehold_replay_run (
  id INTEGER PRIMARY KEY,
  plan TEXT NOT NULL UNIQUE,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
  letters INTEGER NOT NULL,
  from_start INTEGER NOT NULL CHECK (from_start IN (0, 1)),
  settings TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  begun_at INTEGER NOT NULL,
  ended_at INTEGER,
  note TEXT,
  holder TEXT,
  held_until INTEGER,
  fence INTEGER NOT NULL,    -- grows with every process that takes it over
  CHECK ((holder IS NULL) = (held_until IS NULL))
) STRICT;

-- The letters that runs have seen. outcome: 0 running, 1 succeeded, 2 died, 3 cancelled, 4 changed,
-- 5 without evidence, 6 gone.
CREATE TABLE leasehold_replay_item (
  run INTEGER NOT NULL,
  job INTEGER NOT NULL,
  version INTEGER NOT NULL,  -- of the letter in the plan
  at INTEGER NOT NULL,
  outcome INTEGER NOT NULL CHECK (outcome BETWEEN 0 AND 6),
  PRIMARY KEY (run, job)
) STRICT, WITHOUT ROWID;

CREATE INDEX leasehold_replay_item_outcome ON leasehold_replay_item (run, outcome);
CREATE INDEX leasehold_replay_item_running ON leasehold_replay_item (job) WHERE outcome = 0;
