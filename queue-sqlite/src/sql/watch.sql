-- watch_version
PRAGMA data_version

-- watch_wake
SELECT wake FROM leasehold_meta WHERE one = 1
