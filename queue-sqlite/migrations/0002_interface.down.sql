DROP VIEW leasehold_enqueue;
DROP VIEW leasehold_notifications;
DROP VIEW leasehold_dead_letters;
DROP VIEW leasehold_queues;
DROP VIEW leasehold_jobs;
