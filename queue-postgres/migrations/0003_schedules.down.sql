DROP VIEW leasehold.schedules;
DROP TABLE leasehold.schedule;
