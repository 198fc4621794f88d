-- triage_page
-- ?2 to ?4: since, and the place that the page is behind. ?5 to ?12: the filter, where NULL wants all. At
-- most ?13 letters are looked at. The column that leads, here the queue, is put in by `triage.rs`.
SELECT d.id, d.letter_state, d.version, d.deaths, d.replays, d.died_at, d.queue, d.kind, d.tenant,
  d.stage, d.error_class, d.reason, d.error_text,
  (?5 IS NULL OR d.letter_state = ?5) AND (?6 IS NULL OR d.queue = ?6) AND (?7 IS NULL OR d.kind = ?7)
    AND (?8 IS NULL OR d.error_class = ?8) AND (?9 IS NULL OR d.tenant IS ?9)
    AND (?10 IS NULL OR d.stage = ?10) AND (?11 IS NULL OR d.reason IS ?11)
    AND (?12 IS NULL OR instr(lower(d.error_text), ?12) > 0)
FROM leasehold_dead_letter d INDEXED BY leasehold_dead_letter_queue
WHERE d.queue = ?1 AND d.died_at >= ?2 AND (d.died_at, d.id) < (?3, ?4)
ORDER BY d.died_at DESC, d.id DESC LIMIT ?13

-- triage_named
-- The letters of some jobs, as JSON, in no order.
SELECT d.id, d.letter_state, d.version, d.deaths, d.replays, d.died_at, d.queue, d.kind, d.tenant,
  d.stage, d.error_class, d.reason, d.error_text
FROM json_each(?1) AS named CROSS JOIN leasehold_dead_letter d ON d.id = named.value

-- triage_groups
-- As triage_page; by ?14.
SELECT CASE ?14 WHEN 0 THEN d.error_class WHEN 1 THEN d.kind WHEN 2 THEN d.queue
    ELSE CAST(d.letter_state AS TEXT) END, d.died_at,
  (?5 IS NULL OR d.letter_state = ?5) AND (?6 IS NULL OR d.queue = ?6) AND (?7 IS NULL OR d.kind = ?7)
    AND (?8 IS NULL OR d.error_class = ?8) AND (?9 IS NULL OR d.tenant IS ?9)
    AND (?10 IS NULL OR d.stage = ?10) AND (?11 IS NULL OR d.reason IS ?11)
    AND (?12 IS NULL OR instr(lower(d.error_text), ?12) > 0)
FROM leasehold_dead_letter d INDEXED BY leasehold_dead_letter_queue
WHERE d.queue = ?1 AND d.died_at >= ?2 AND (d.died_at, d.id) < (?3, ?4)
ORDER BY d.died_at DESC, d.id DESC LIMIT ?13

-- triage_weigh
-- How many letters the index of one column leads to, up to ?5.
SELECT count(*) FROM (
  SELECT 1 FROM leasehold_dead_letter d INDEXED BY leasehold_dead_letter_queue
  WHERE d.queue = ?1 AND d.died_at >= ?2 AND (d.died_at, d.id) < (?3, ?4) LIMIT ?5)
