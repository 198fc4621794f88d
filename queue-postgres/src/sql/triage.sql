-- triage_page
-- $2 to $4: since, and the place that the page is behind. $5 to $12: the filter, where NULL wants all. At
-- most $13 letters are looked at; the last of them comes also where it does not fit, as the place to go on
-- from. The column that leads, here the queue, is put in by `triage.rs`. By ANY and in the order of its
-- index: by = alone the planner may walk along all letters, which lie in the order of their deaths, where
-- it takes a value for a common one. 330 ms instead of 0.2 for one that none of a million letters has.
SELECT id, letter_state, version, deaths, replays, died_at, queue, kind, tenant, stage, error_class,
    reason, error_text, EXISTS (SELECT FROM leasehold.evidence WHERE job = id AND death = deaths),
    fits, place
FROM (
    SELECT *, row_number() OVER (ORDER BY queue DESC, died_at DESC, id DESC) AS place,
        ($5::smallint IS NULL OR letter_state = $5) AND ($6::text IS NULL OR queue = $6)
            AND ($7::text IS NULL OR kind = $7) AND ($8::text IS NULL OR error_class = $8)
            AND ($9::text IS NULL OR tenant IS NOT DISTINCT FROM $9)
            AND ($10::text IS NULL OR coalesce(stage, 'run') = $10)
            AND ($11::text IS NULL OR reason IS NOT DISTINCT FROM $11)
            AND ($12::text IS NULL OR position($12 IN lower(error_text)) > 0) AS fits
    FROM leasehold.dead_letter
    WHERE queue = ANY ($1) AND died_at >= $2 AND (died_at, id) < ($3, $4)
    ORDER BY queue DESC, died_at DESC, id DESC LIMIT $13
) AS seen
WHERE fits OR place = $13 ORDER BY queue DESC, died_at DESC, id DESC LIMIT $14

-- triage_named
-- The letters of some jobs, in no order.
SELECT id, letter_state, version, deaths, replays, died_at, queue, kind, tenant, stage, error_class,
    reason, error_text, EXISTS (SELECT FROM leasehold.evidence WHERE job = id AND death = deaths),
    true, 1::bigint
FROM leasehold.dead_letter WHERE id = ANY ($1)

-- triage_groups
-- As triage_page; by $14.
SELECT of, count(*) FILTER (WHERE fits), min(died_at) FILTER (WHERE fits),
    max(died_at) FILTER (WHERE fits), count(*)
FROM (
    SELECT died_at, CASE $14::smallint WHEN 0 THEN error_class WHEN 1 THEN kind WHEN 2 THEN queue
            ELSE letter_state::text END AS of,
        ($5::smallint IS NULL OR letter_state = $5) AND ($6::text IS NULL OR queue = $6)
            AND ($7::text IS NULL OR kind = $7) AND ($8::text IS NULL OR error_class = $8)
            AND ($9::text IS NULL OR tenant IS NOT DISTINCT FROM $9)
            AND ($10::text IS NULL OR coalesce(stage, 'run') = $10)
            AND ($11::text IS NULL OR reason IS NOT DISTINCT FROM $11)
            AND ($12::text IS NULL OR position($12 IN lower(error_text)) > 0) AS fits
    FROM leasehold.dead_letter
    WHERE queue = ANY ($1) AND died_at >= $2 AND (died_at, id) < ($3, $4)
    ORDER BY queue DESC, died_at DESC, id DESC LIMIT $13
) AS seen
GROUP BY of

-- triage_weigh
-- How many letters the index of one column leads to, up to $5.
SELECT count(*) FROM (
    SELECT FROM leasehold.dead_letter
    WHERE queue = ANY ($1) AND died_at >= $2 AND (died_at, id) < ($3, $4)
    ORDER BY queue DESC, died_at DESC, id DESC LIMIT $5
) AS led
