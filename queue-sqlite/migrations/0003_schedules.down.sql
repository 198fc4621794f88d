DROP VIEW leasehold_schedules;
DROP TABLE leasehold_schedule;
