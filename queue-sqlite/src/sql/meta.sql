-- meta_load
SELECT store_id, next_job, next_notification, clock, wake, limited FROM leasehold_meta WHERE one = 1

-- meta_save
UPDATE leasehold_meta SET next_job = ?1, next_notification = ?2, clock = max(clock, ?3), wake = ?4
WHERE one = 1
