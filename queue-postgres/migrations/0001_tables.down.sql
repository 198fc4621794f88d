DROP TABLE leasehold.audit, leasehold.requirement, leasehold.notification, leasehold.queue,
    leasehold.subject, leasehold.idempotency_key, leasehold.stage_output, leasehold.evidence,
    leasehold.dead_letter, leasehold.history, leasehold.job, leasehold.meta;
DROP SEQUENCE leasehold.job_id, leasehold.notification_id;
DROP FUNCTION leasehold.refuse_audit_change();
