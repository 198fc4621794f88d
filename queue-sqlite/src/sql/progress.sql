-- progress_put
INSERT INTO leasehold_progress (job, stage, ledger) VALUES (?1, ?2, ?3)
ON CONFLICT (job) DO UPDATE SET stage = excluded.stage, ledger = excluded.ledger

-- progress_failure
INSERT INTO leasehold_progress (job, error_class, error_text, first_failure_at, last_failure_at)
VALUES (?1, ?2, ?3, ?4, ?4)
ON CONFLICT (job) DO UPDATE SET error_class = excluded.error_class,
  error_text = excluded.error_text, last_failure_at = excluded.last_failure_at,
  first_failure_at = coalesce(first_failure_at, excluded.first_failure_at)

-- progress_load
SELECT stage, ledger, first_failure_at FROM leasehold_progress WHERE job = ?1

-- progress_report
INSERT INTO leasehold_progress (job, report_percent, report_note) VALUES (?1, ?2, ?3)
ON CONFLICT (job) DO UPDATE
SET report_percent = excluded.report_percent, report_note = excluded.report_note

-- progress_forget_report
UPDATE leasehold_progress SET report_percent = NULL, report_note = NULL WHERE job = ?1
