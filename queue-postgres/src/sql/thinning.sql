-- thinning_from
SELECT day, block FROM leasehold.thinning WHERE scope = $1

-- thinning_reach
INSERT INTO leasehold.thinning (scope, day, block) VALUES ($1, $2, $3)
ON CONFLICT (scope) DO UPDATE SET day = excluded.day, block = excluded.block
